let lastSecond = Number.NaN;
let lastText = '';

/** Milliseconds since the epoch as `YYYYMMDDTHHMMSSZ`. */
export function formatAmzDate(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000);
  if (second !== lastSecond) {
    const iso = new Date(second * 1000).toISOString();
    lastText = `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
    lastSecond = second;
  }
  return lastText;
}

let parsedText = '';
let parsedTime: number | null = null;

const AMZ_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** `YYYYMMDDTHHMMSSZ` as milliseconds since the epoch; null for anything else, impossible dates included. */
export function parseAmzDate(text: string): number | null {
  // The requests of one second carry the same text.
  if (text !== parsedText) {
    parsedTime = readAmzDate(text);
    parsedText = text;
  }
  return parsedTime;
}

function readAmzDate(text: string): number | null {
  const parts = AMZ_DATE.exec(text);
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second] = parts;
  const iso = `${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour ?? ''}:${minute ?? ''}:${second ?? ''}.000Z`;
  const milliseconds = Date.parse(iso);
  // Date.parse turns 30 February into March and 24:00 into the next day.
  return Number.isNaN(milliseconds) || new Date(milliseconds).toISOString() !== iso ? null : milliseconds;
}

const HTTP_DATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/;

/** The `Date` header (RFC 9110 IMF-fixdate, or AWS's basic form) as milliseconds since the epoch; null for anything else. */
export function parseDateHeader(text: string): number | null {
  if (!HTTP_DATE.test(text)) return parseAmzDate(text);
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) || new Date(milliseconds).toUTCString() !== text ? null : milliseconds;
}
