import { shell } from 'electron';

/** Hosts a link of ours may open in the system browser, over https only. */
const ALLOWED_HOSTS: ReadonlySet<string> = new Set(['docs.aws.amazon.com', 'console.aws.amazon.com', 'aws.amazon.com']);

/** True for a plain https link to one of the allowed hosts: no credentials, no other port. */
export function mayOpenExternal(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, port, username, password } = new URL(url);
  if (protocol !== 'https:' || port !== '' || username !== '' || password !== '') return false;
  return ALLOWED_HOSTS.has(hostname);
}

/** Opens an allowed link, or the page where somebody is about to sign in, in the system browser; any other is dropped. */
export async function openExternal(url: string, isSignInPage: (url: string) => Promise<boolean>): Promise<boolean> {
  if (!mayOpenExternal(url) && !(isWebPage(url) && (await isSignInPage(url)))) return false;
  await shell.openExternal(url);
  return true;
}

function isWebPage(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
