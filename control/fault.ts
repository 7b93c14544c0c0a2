// A reason not to start that a person can act on: its text is all that is printed.

export class Fault extends Error {
  override readonly name = 'Fault'
}
