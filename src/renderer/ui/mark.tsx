/** Our mark: a keyhole in a ship's hold. Decoration beside the name, so it has no name of its own. The same as public/favicon.svg. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false" className="shrink-0">
      <g className="fill-accent">
        <rect x="8" y="4" width="7" height="6" rx="1" />
        <rect x="17" y="4" width="7" height="6" rx="1" />
        <path
          fillRule="evenodd"
          d="M2.6 12h26.8a1 1 0 0 1 1 1.3C28.8 18.3 26.6 22 24 24.5H8C5.4 22 3.2 18.3 1.6 13.3a1 1 0 0 1 1-1.3zM16 13.6a2.7 2.7 0 0 0-1.4 5L14 22.5h4l-.6-3.9a2.7 2.7 0 0 0-1.4-5z"
        />
      </g>
      <path
        className="fill-none stroke-accent"
        strokeWidth="2"
        strokeLinecap="round"
        d="M3 28c2.2 0 2.2-1.2 4.3-1.2S9.5 28 11.7 28s2.1-1.2 4.3-1.2S18.1 28 20.3 28s2.2-1.2 4.4-1.2S26.8 28 29 28"
      />
    </svg>
  );
}
