// What a reader made of bytes, in the same words for every reader.

export interface ReadMessage {
  /** Method and target, or the status. */
  start: string
  /** Lower-case names, trimmed values; latin1. */
  fields: string[]
  /** latin1, as far as it came. */
  body: string
  /** The last byte came, and was right. */
  whole: boolean
}

export interface Reading {
  messages: ReadMessage[]
  /** Why nothing behind these messages is read; '' when the reader would go on. */
  refusal: string
}

export const newMessage = (start: string, fields: readonly string[]): ReadMessage => ({
  start,
  fields: fields.map((text, i) => (i % 2 === 0 ? text.toLowerCase() : text.replace(/^[ \t]+|[ \t]+$/g, ''))),
  body: '',
  whole: false,
})
