// Catches what a page throws while drawing, so that the frame stays and the reader can try again.
import { Component, type ReactNode } from 'react'
import { Problem } from './Problem.tsx'

interface Props {
  /** When it changes the page is tried anew. */
  page: string
  children: ReactNode
}

export class Boundary extends Component<Props, { error: Error | null }> {
  override state: { error: Error | null } = { error: null }

  static getDerivedStateFromError(error: Error) {
    return { error }
  }

  override componentDidUpdate(before: Props) {
    if (before.page !== this.props.page && this.state.error !== null) this.setState({ error: null })
  }

  override render() {
    if (this.state.error === null) return this.props.children
    // Most often a part of an older build that is gone: only loading anew brings the parts that fit.
    return <Problem error={this.state.error} onRetry={() => location.reload()} />
  }
}
