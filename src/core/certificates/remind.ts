import { quotedName } from '../../contract/quoted-name.ts';
import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';
import { profilesReferringTo } from '../sessions/origins/profiles-referring-to.ts';
import type { Found } from '../things.ts';
import { refusalOf } from './refusals.ts';

const DAY_MS = 86_400_000;
/** A CA that people are behind takes its days. */
const AHEAD_MS = 14 * DAY_MS;

/** Says once a day, and after an unlock, which certificates that a profile signs in with have ended or end soon and what is to be done, also where a new one has been begun. */
export async function remindOfCertificates(session: Session, { clock }: Pick<Ports, 'clock'>): Promise<void> {
  const things = await session.need('certificate', 'profile');
  const now = clock.now();
  const ending = things
    .all('certificate')
    .filter(({ id }) => profilesReferringTo(things, id).length > 0)
    .flatMap((found) => {
      const { issued } = found.value.pair;
      return issued === undefined ? [] : { found, notAfter: issued.notAfter };
    })
    .filter(({ notAfter }) => notAfter - now < AHEAD_MS)
    .sort((a, b) => a.notAfter - b.notAfter);
  const [first] = ending;
  if (first === undefined) return;
  const days = Math.floor((first.notAfter - now) / DAY_MS);
  const when = days < 0 ? 'has ended' : days === 0 ? 'ends today' : `ends in ${days} day${days === 1 ? '' : 's'}`;
  const others = ending.length - 1;
  const more = others === 0 ? '' : ` (and ${others} more: keyhold certificate list)`;
  const { name } = first.found.value;
  session.notice('warning', `The certificate ${name} ${when}${more}. ${whatToDo(session, first.found)}`);
}

function whatToDo(session: Session, { id, value: { name, next } }: Found<'certificate'>): string {
  if (next === undefined) {
    return `Have a new one issued: keyhold certificate csr ${quotedName(name)}, or with a new key: keyhold rotate certificate ${quotedName(name)}.`;
  }
  const { issued } = next.pair;
  if (issued === undefined) {
    return `The new key that was made for it still has no certificate: have the CA issue one (keyhold certificate csr ${quotedName(name)}), then keyhold certificate install ${quotedName(name)} FILE.`;
  }
  const refusal = refusalOf(session, id, issued.serial);
  return refusal === undefined
    ? `The new one is here, and AWS has not been seen to take it: try again with keyhold certificate install ${quotedName(name)}.`
    : `The new one is here, and AWS does not take it: ${refusal} Then try again with keyhold certificate install ${quotedName(name)}, or take it back: keyhold rotate certificate ${quotedName(name)} --rollback.`;
}
