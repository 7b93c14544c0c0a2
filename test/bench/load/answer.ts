// The helper's side of helper.ts: answers each message, and ends with the process that asked.

export function answer<Question, Answer>(handle: (question: Question) => Promise<Answer>): void {
  process.on('message', (question: Question) => {
    handle(question).then(
      result => process.send!({ answer: result }),
      (error: unknown) => process.send!({ error: error instanceof Error ? error.message : String(error) }),
    )
  })
  process.once('disconnect', () => process.exit(0))
}
