// The mark: an oriel window, an arch with a mullion cross in one stroke weight.
export function Mark({ size = 20 }: { size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      className="shrink-0 text-accent"
      aria-hidden="true"
    >
      <path d="M5 21V10a7 7 0 0 1 14 0v11Z" />
      <path d="M12 3v18M5 12.5h14" />
    </svg>
  )
}
