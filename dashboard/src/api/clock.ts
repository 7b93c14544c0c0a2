// The server's clock as the dashboard knows it: "now" in the range means now at the gate.

let offsetMs = 0
/** Below this a difference is the network's, not the clock's. */
const TOLERANCE_MS = 2000

export function learnServerTime(serverNow: number): void {
  const difference = serverNow - Date.now()
  offsetMs = Math.abs(difference) > TOLERANCE_MS ? difference : 0
}

export function now(): number {
  return Date.now() + offsetMs
}
