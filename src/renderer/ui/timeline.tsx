export interface Moment {
  /** ms since epoch */
  at: number;
  kind: 'begin' | 'automatic' | 'manual' | 'now' | 'next';
  /** The exact words, on hover. */
  title: string;
  /** Under the line, or above it for now; left out where it would stand on its neighbour. */
  label?: string;
}

const Y = 30;
/** Room that a label takes, in percent of a narrow line. */
const LABEL_ROOM = 18;

/** Moments on a line of time: filled for what happened, hollow for what will. Positions are in percent, so that nothing has to be measured. */
export function Timeline({ moments, label }: { moments: readonly Moment[]; label: string }) {
  const sorted = [...moments].sort((a, b) => a.at - b.at);
  const first = sorted[0]?.at ?? 0;
  const last = sorted.at(-1)?.at ?? 1;
  const place = (at: number) => 2 + (96 * (at - first)) / Math.max(1, last - first);
  const now = sorted.find((moment) => moment.kind === 'now');
  const shown = withRoom(sorted, place);
  return (
    <figure>
      <svg role="img" aria-label={label} className="block" width="100%" height={66}>
        <line x1="2%" x2="98%" y1={Y} y2={Y} strokeWidth={2} className="stroke-line" />
        {now !== undefined && (
          <line x1="2%" x2={`${place(now.at)}%`} y1={Y} y2={Y} strokeWidth={2} className="stroke-accent" />
        )}
        {sorted.map((moment) => (
          <Mark key={`${moment.kind} ${moment.at}`} x={`${place(moment.at)}%`} moment={moment} />
        ))}
        {shown.map((moment) => {
          const x = place(moment.at);
          return (
            <text
              key={`${moment.kind} ${moment.at}`}
              x={`${x}%`}
              y={moment.kind === 'now' ? Y - 14 : Y + 26}
              textAnchor={x < 10 ? 'start' : x > 90 ? 'end' : 'middle'}
              dx={x < 10 ? -5 : x > 90 ? 5 : 0}
              className={moment.kind === 'now' ? 'fill-ink font-medium' : 'fill-muted'}
            >
              {moment.label}
            </text>
          );
        })}
      </svg>
    </figure>
  );
}

function Mark({ x, moment }: { x: string; moment: Moment }) {
  const title = <title>{moment.title}</title>;
  switch (moment.kind) {
    case 'now':
      return (
        <line x1={x} x2={x} y1={Y - 9} y2={Y + 9} strokeWidth={2} className="stroke-ink">
          {title}
        </line>
      );
    case 'next':
      return (
        <circle cx={x} cy={Y} r={5} strokeWidth={2} className="fill-canvas stroke-accent">
          {title}
        </circle>
      );
    case 'manual':
      // A square on its corner, drawn around its middle because a path cannot stand at a percentage.
      return (
        <svg x={x} y={Y} overflow="visible" aria-hidden="true">
          <rect x={-5} y={-5} width={10} height={10} transform="rotate(45)" className="fill-accent">
            {title}
          </rect>
        </svg>
      );
    default:
      return (
        <circle cx={x} cy={Y} r={moment.kind === 'begin' ? 4 : 5} className="fill-accent">
          {title}
        </circle>
      );
  }
}

/** The labels that have room, the most telling ones first: what comes next, the beginning, then from the newest back. Now has a line of its own. */
function withRoom(sorted: readonly Moment[], place: (at: number) => number): Moment[] {
  const rank = { now: 0, next: 1, begin: 2, manual: 3, automatic: 3 };
  const wanted = sorted
    .filter((moment) => moment.label !== undefined)
    .sort((a, b) => rank[a.kind] - rank[b.kind] || b.at - a.at);
  const shown: Moment[] = [];
  for (const moment of wanted) {
    const free = (one: Moment) => one.kind === 'now' || Math.abs(place(one.at) - place(moment.at)) >= LABEL_ROOM;
    if (moment.kind === 'now' || shown.every(free)) shown.push(moment);
  }
  return shown;
}
