const W3C = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d))?)?)?$/;
const EPOCH_SECONDS = /^(-?)(\d{1,13})(?:\.(\d+))?$/;
const MINUTE = 60_000;

function offsetMinutes(zone: string): number | null {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4));
  if (hours > 23 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

/**
 * A date of a policy or request as milliseconds since the epoch: W3C's profile of ISO 8601 (NOTE-datetime: year, month, day, or a time
 * with its zone) or epoch seconds, a fraction included. Four digits are a year. Null for anything else, days that do not exist included.
 */
export function parsePolicyDate(text: string): number | null {
  const parts = W3C.exec(text);
  if (parts === null) return parseEpoch(text);
  const [, year = '', month = '01', day = '01', hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] =
    parts;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const local = Date.parse(iso);
  const offset = offsetMinutes(zone);
  // Date.parse turns 30 February into March and 24:00 into the next day.
  if (offset === null || Number.isNaN(local) || new Date(local).toISOString() !== iso) return null;
  return local + fractionMs(fraction) - offset * MINUTE;
}

function parseEpoch(text: string): number | null {
  const parts = EPOCH_SECONDS.exec(text);
  if (parts === null) return null;
  const [, sign = '', seconds = '', fraction = ''] = parts;
  return (sign === '-' ? -1 : 1) * (Number(seconds) * 1000 + fractionMs(fraction));
}

function fractionMs(digits: string): number {
  return Number(`0.${digits}0`) * 1000;
}
