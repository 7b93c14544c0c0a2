// Copying, with a short word of success.
import { useState } from 'react'

const SHOWN_MS = 1600

export function useCopy() {
  const [copied, setCopied] = useState('')
  const copy = async (text: string, what: string) => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(`${what} copied`)
    } catch {
      setCopied('The browser did not allow copying')
    }
    setTimeout(() => setCopied(''), SHOWN_MS)
  }
  return { copied, copy }
}
