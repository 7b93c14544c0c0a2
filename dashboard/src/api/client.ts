// Calls to the admin API: cookie session, JSON, problems as one error type that names the failing call.
import type { ApiError } from '../../../control/admin/contract.ts'

export const API = '/api/v1'

export class ApiProblem extends Error {
  readonly status: number
  /** `GET /api/v1/overview` */
  readonly call: string

  constructor(status: number, message: string, call: string) {
    super(message)
    this.name = 'ApiProblem'
    this.status = status
    this.call = call
  }
}

/** A filter that cannot be read is shown at the filter box, not in every panel. */
export function isFilterProblem(error: Error | null): error is ApiProblem {
  return error instanceof ApiProblem && error.status === 422
}

const WORDS: Record<number, string> = {
  0: 'Oriel does not answer. Is it running?',
  401: 'The session is over.',
  404: 'Not found.',
  502: 'Oriel does not answer.',
  503: 'Oriel is not ready.',
}

/** Called once per 401, so that the application can show the login page. */
let onUnauthorised: () => void = () => {}
export function whenUnauthorised(handler: () => void): void {
  onUnauthorised = handler
}

async function messageOf(response: Response): Promise<string> {
  const fallback = WORDS[response.status] ?? `The answer was ${response.status} ${response.statusText}.`
  try {
    const body = (await response.json()) as Partial<ApiError>
    return body.error?.message ?? fallback
  } catch {
    return fallback
  }
}

async function call<T>(path: string, init: RequestInit): Promise<T> {
  const name = `${init.method ?? 'GET'} ${path.split('?')[0]}`
  let response: Response
  try {
    response = await fetch(path, {
      ...init,
      credentials: 'same-origin',
      headers: { accept: 'application/json', ...init.headers },
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiProblem(0, WORDS[0]!, name)
  }
  if (!response.ok) {
    const problem = new ApiProblem(response.status, await messageOf(response), name)
    if (response.status === 401 && path !== '/login') onUnauthorised()
    throw problem
  }
  const text = await response.text()
  return (text === '' ? undefined : JSON.parse(text)) as T
}

export type Params = Record<string, string | number | undefined>

export function get<T>(path: string, params: Params, signal?: AbortSignal): Promise<T> {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(params))
    if (value !== undefined && value !== '') query.set(key, String(value))
  const text = query.toString()
  return call<T>(`${API}${path}${text === '' ? '' : `?${text}`}`, signal === undefined ? {} : { signal })
}

/** A write: JSON and the same-origin proof. */
function post<T>(path: string, body: unknown): Promise<T> {
  return call<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-oriel-request': '1' },
    body: JSON.stringify(body),
  })
}

export const postApi = <T>(path: string, body: unknown) => post<T>(API + path, body)
export const logOut = () => post<unknown>('/logout', {})
export const logIn = (token: string) => post<unknown>('/login', { token })
