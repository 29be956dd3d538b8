import { cx } from '../../ui/cx.ts';

/** How much of a time step is left: a ring that empties, with the seconds in words for who does not see it. */
export function CountdownRing({
  left,
  of,
  size = 20,
  urgent = false,
  showSeconds = false,
}: {
  /** ms */
  left: number;
  of: number;
  size?: number;
  urgent?: boolean;
  showSeconds?: boolean;
}) {
  const stroke = size > 30 ? 3 : 2.5;
  const radius = (size - stroke) / 2;
  const around = 2 * Math.PI * radius;
  const share = Math.max(0, Math.min(1, left / of));
  const seconds = Math.max(0, Math.ceil(left / 1000));
  return (
    <span
      role="img"
      aria-label={`${seconds} seconds left`}
      className="relative inline-flex shrink-0 items-center justify-center"
      style={{ width: size, height: size }}
    >
      <svg width={size} height={size} viewBox={`0 0 ${size} ${size}`} aria-hidden="true" className="-rotate-90">
        <circle cx={size / 2} cy={size / 2} r={radius} fill="none" strokeWidth={stroke} className="stroke-pressed" />
        <circle
          cx={size / 2}
          cy={size / 2}
          r={radius}
          fill="none"
          strokeWidth={stroke}
          strokeLinecap="round"
          strokeDasharray={around}
          strokeDashoffset={around * (1 - share)}
          className={cx(
            'motion-safe:transition-[stroke-dashoffset] motion-safe:duration-250 motion-safe:ease-linear',
            urgent ? 'stroke-warn-ink' : 'stroke-accent',
          )}
        />
      </svg>
      {showSeconds && (
        <span aria-hidden="true" className={cx('absolute tabular-nums', urgent ? 'text-warn-ink' : 'text-muted')}>
          {seconds}
        </span>
      )}
    </span>
  );
}
