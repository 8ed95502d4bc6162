interface MarkProps {
  className?: string
  /** Colour of the dot; the colour of the text by default. */
  dot?: string
}

/** The mark: two corners of a viewfinder, and in them the round photo. All icons of the site are drawn from it. */
export function Mark({ className, dot = 'currentColor' }: MarkProps) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={className}>
      <path
        d="M4.5 13.5v-4a5 5 0 0 1 5-5h4m14 14v4a5 5 0 0 1-5 5h-4"
        fill="none"
        stroke="currentColor"
        strokeWidth="4"
        strokeLinecap="round"
      />
      <circle cx="16" cy="16" r="6.75" fill={dot} />
    </svg>
  )
}
