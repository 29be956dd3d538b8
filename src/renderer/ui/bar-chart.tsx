export interface Bar {
  /** `14 Nov` */
  label: string;
  /** Drawn upward in the accent colour. */
  value: number;
  /** Drawn on top of it in red. */
  denied: number;
}

const HEIGHT = 88;

/**
 * A bar for each day, as wide as there is room. Told in words to those who do not see it; each bar says its numbers on hover. Positions are in
 * percent, so that nothing has to be measured.
 */
export function BarChart({
  bars,
  label,
  deniedWord = 'denied',
}: {
  bars: readonly Bar[];
  label: string;
  deniedWord?: string;
}) {
  const most = Math.max(1, ...bars.map((bar) => bar.value + bar.denied));
  const step = 100 / Math.max(1, bars.length);
  const scale = (count: number) => (count === 0 ? 0 : Math.max(2, (count / most) * (HEIGHT - 4)));
  const marks = [...new Set([0, Math.floor((bars.length - 1) / 2), bars.length - 1])];
  return (
    <figure className="flex flex-col gap-1">
      <div className="flex gap-2">
        <span aria-hidden="true" className="w-8 shrink-0 text-right text-muted tabular-nums">
          {most.toLocaleString('en-US')}
        </span>
        <svg role="img" aria-label={label} className="block min-w-0 flex-1" width="100%" height={HEIGHT}>
          <line x1="0" x2="100%" y1="0.5" y2="0.5" className="stroke-line" strokeDasharray="2 3" />
          {bars.map((bar, index) => {
            const up = scale(bar.value);
            const over = scale(bar.denied);
            return (
              <g key={bar.label}>
                <title>
                  {`${bar.label}: ${bar.value.toLocaleString('en-US')}${bar.denied === 0 ? '' : `, ${bar.denied} ${deniedWord}`}`}
                </title>
                <rect x={`${index * step}%`} width={`${step}%`} y="0" height={HEIGHT} className="fill-transparent" />
                <rect
                  x={`${(index + 0.12) * step}%`}
                  width={`${step * 0.76}%`}
                  y={HEIGHT - up}
                  height={up}
                  className="fill-accent"
                />
                <rect
                  x={`${(index + 0.12) * step}%`}
                  width={`${step * 0.76}%`}
                  y={HEIGHT - up - over}
                  height={over}
                  className="fill-danger"
                />
              </g>
            );
          })}
          <line x1="0" x2="100%" y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} className="stroke-line" />
        </svg>
      </div>
      <div aria-hidden="true" className="flex justify-between gap-2 pl-10 text-muted tabular-nums">
        {marks.map((index) => (
          <span key={index}>{bars[index]?.label}</span>
        ))}
      </div>
    </figure>
  );
}
