// The two languages in which an upstream is told who asked: X-Forwarded-* by custom, Forwarded by RFC 7239.

export const FORWARDED_STYLES = ['x-forwarded', 'forwarded', 'both'] as const
export type ForwardedStyle = (typeof FORWARDED_STYLES)[number]
