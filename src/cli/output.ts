import { printable } from './text-width.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Whether a stream gets colour: a terminal, and neither NO_COLOR (no-color.org) nor TERM=dumb says otherwise. */
export function wantsColor(isTty: boolean, env: Env): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  return isTty && env['TERM'] !== 'dumb';
}

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
}

export function paint(color: boolean): Paint {
  const code = (open: number, close: number) => (text: string) =>
    color && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return { bold: code(1, 22), dim: code(2, 22), red: code(31, 39), yellow: code(33, 39), green: code(32, 39) };
}

/** Text from elsewhere, safe to show: control characters are replaced, line ends stay. */
export function safeText(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
