/**
 * A drawing of what the product does: a frame settles around a face. Decoration, so screen readers skip it. The last
 * image of the animation is the drawing itself, so it stays there with reduced motion. `npm run brand-files` draws the
 * preview image from it.
 */
export function FramedFace({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 560 560" aria-hidden="true" className={className}>
      <Scene />
      <g className="motion-safe:animate-settle origin-[338px_262px]">
        <path
          d="M-900-900h2400v2400H-900zM338 86a176 176 0 1 0 0 352 176 176 0 0 0 0-352z"
          fill="#0b2a20"
          fillRule="evenodd"
          opacity=".38"
        />
        <g fill="none" stroke="#fff" strokeLinecap="round">
          <circle cx="338" cy="262" r="176" strokeWidth="4" />
          <path d="M150 134v-28a32 32 0 0 1 32-32h28m316 316v28a32 32 0 0 1-32 32h-28" strokeWidth="12" />
        </g>
      </g>
    </svg>
  )
}

const hair = '#3a2420'
const skin = '#d99b73'
const shade = '#c08259'
const gold = 'light-dark(#f3b566, #e6bd72)'

/** The photo: a person in a room. In the dark theme the room is dark, too. */
function Scene() {
  return (
    <>
      <path d="M-900-900h2400v2400H-900z" fill="light-dark(#eadcc8, #4c5a52)" />
      <path d="M-900 470h2400v1030H-900z" fill="light-dark(#dcc7ab, #3b4741)" />
      <circle cx="112" cy="158" r="74" fill={gold} />
      <path
        d="M92 560C60 470 20 430-20 420c0 70 40 120 112 140zm0 0c30-70 70-100 120-104-10 60-50 96-120 104z"
        fill="#4f8a6b"
      />
      <path d="M92 560c-10-100 10-170 50-210 30 70 10 150-50 210z" fill="#2f6d52" />
      <path
        d="M232 238c0-80 44-128 106-128s106 48 106 128c0 50 12 96 30 126-30 26-80 34-136 34s-106-8-136-34c18-30 30-76 30-126z"
        fill={hair}
      />
      <path d="M142 1500V580c0-100 50-158 126-178l70-12 70 12c76 20 126 78 126 178v920z" fill="var(--accent)" />
      <path d="M302 330h72v62c10 5 22 8 34 10-8 36-40 62-70 62s-62-26-70-62c12-2 24-5 34-10z" fill={skin} />
      <path d="M302 340h72v20c-10 22-28 30-44 30-12 0-22-4-28-10z" fill={shade} />
      <path d="M271 400c6 42 34 66 67 66s61-24 67-66" fill="none" stroke="#f6f1e6" strokeWidth="13" />
      <path d="M262 228c0-58 30-92 76-92s76 34 76 92c0 74-34 128-76 128s-76-54-76-128z" fill={skin} />
      <path d="M272 252a16 16 0 1 0-32 0 16 16 0 0 0 32 0zm164 0a16 16 0 1 0-32 0 16 16 0 0 0 32 0z" fill={skin} />
      <path d="M259 276a7 7 0 1 0-14 0 7 7 0 0 0 14 0zm172 0a7 7 0 1 0-14 0 7 7 0 0 0 14 0z" fill={gold} />
      <path
        d="M250 236c-6-74 36-112 90-112s92 38 86 112c-10-36-26-62-52-76-26 34-80 42-100 34-12 10-20 24-24 42z"
        fill={hair}
      />
      <path d="M302 292a14 14 0 1 0-28 0 14 14 0 0 0 28 0zm100 0a14 14 0 1 0-28 0 14 14 0 0 0 28 0z" fill="#db8a69" />
      <g fill="none" stroke={hair} strokeLinecap="round" strokeWidth="5">
        <path d="M289 220q13-9 26-3m46 0q13-6 26 3" strokeWidth="6" />
        <circle cx="303" cy="250" r="27" />
        <circle cx="373" cy="250" r="27" />
        <path d="M330 247q8-6 16 0m-70-1-14-4m138 4 14-4" />
        <path d="M303 250h.01M373 250h.01" strokeWidth="14" />
        <path d="M338 262l-7 24h12" stroke={shade} strokeLinejoin="round" />
      </g>
      <path d="M310 306q28 11 56 0q-3 27-28 27t-28-27z" fill="#fff" />
    </>
  )
}
