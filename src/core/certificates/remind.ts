import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';

const DAY_MS = 86_400_000;
/** A CA that people are behind takes its days. */
const AHEAD_MS = 14 * DAY_MS;

/** Says once a day, and after an unlock, which certificates that a profile signs in with have ended or end soon, unless a new one is on its way. */
export async function remindOfCertificates(session: Session, { clock }: Pick<Ports, 'clock'>): Promise<void> {
  const things = await session.need('certificate', 'profile');
  const now = clock.now();
  const used = new Set(
    things
      .all('profile')
      .flatMap(({ value }) => (value.origin?.kind === 'rolesAnywhere' ? value.origin.certificate : [])),
  );
  const ending = things
    .all('certificate')
    .filter(({ id, value }) => used.has(id) && value.next === undefined)
    .flatMap(({ value: { name, pair } }) => (pair.issued === undefined ? [] : { name, notAfter: pair.issued.notAfter }))
    .filter(({ notAfter }) => notAfter - now < AHEAD_MS)
    .sort((a, b) => a.notAfter - b.notAfter);
  const [first] = ending;
  if (first === undefined) return;
  const days = Math.floor((first.notAfter - now) / DAY_MS);
  const when = days < 0 ? 'has ended' : days === 0 ? 'ends today' : `ends in ${days} day${days === 1 ? '' : 's'}`;
  const others = ending.length - 1;
  const more = others === 0 ? '' : ` (and ${others} more: keyhold certificate list)`;
  session.notice(
    'warning',
    `The certificate ${first.name} ${when}${more}. Have a new one issued: keyhold certificate csr ${first.name}, or with a new key: keyhold rotate certificate ${first.name}.`,
  );
}
