import { usageError } from '../errors.ts';
import { findBlock, latinLines, toLatin } from './block.ts';

/** A profile as it is written into the config file. */
export interface ConfigProfile {
  name: string;
  region: string;
  output?: string;
  endpoint: string;
  caBundlePath?: string;
}

/** Names that every AWS tool reads the same way in `[profile NAME]` and on a command line. */
const PLAIN_NAME = /^[A-Za-z0-9_.@+-]+$/;

/**
 * The lines of our block. `command` is how to run keyhold (absolute paths), `home` its folder when it is not the default one.
 * Throws `InvalidInput` for names and paths that a tool's shell would read differently.
 */
export function profileLines(
  profiles: readonly ConfigProfile[],
  command: readonly string[],
  home: string | undefined,
): string[] {
  const lines: string[] = [];
  for (const profile of profiles) {
    if (!PLAIN_NAME.test(profile.name)) {
      throw usageError(
        `The profile "${profile.name}" cannot be written into ~/.aws/config: AWS tools take letters, digits and . _ @ + - in a name.`,
      );
    }
    const words = [...command, 'credential-process', profile.name, ...(home === undefined ? [] : ['--home', home])];
    lines.push(
      profile.name === 'default' ? '[default]' : `[profile ${profile.name}]`,
      `credential_process = ${words.map(quoteWord).join(' ')}`,
      `endpoint_url = ${profile.endpoint}`,
      // Otherwise the tool asks for hosts such as data-127.0.0.1.
      'disable_host_prefix_injection = true',
      `region = ${profile.region}`,
      ...(profile.output === undefined ? [] : [`output = ${profile.output}`]),
      ...(profile.caBundlePath === undefined ? [] : [`ca_bundle = ${profile.caBundlePath}`]),
    );
  }
  return lines;
}

/** Some tools split the command themselves, some hand it to a shell: only what both read alike may stand in it. */
function quoteWord(word: string): string {
  const hostile = process.platform === 'win32' ? /["%\r\n]/ : /["$`\\!\r\n]/;
  if (hostile.test(word)) {
    throw usageError(
      `The path ${word} has a character that cannot stand in credential_process. Install Keyhold elsewhere.`,
    );
  }
  return /^[A-Za-z0-9_.@+:/=-]+$/.test(word) ? word : `"${word}"`;
}

export interface SectionPlace {
  profile: string;
  line: number;
}

/** Profiles that somebody else's sections define, with their lines. Our own block does not count. */
export function othersProfiles(bytes: Uint8Array, file: 'config' | 'credentials'): SectionPlace[] {
  const own = file === 'config' ? findBlock(bytes) : null;
  const found: SectionPlace[] = [];
  for (const line of latinLines(toLatin(bytes))) {
    if (own !== null && line.start >= own.start && line.start < own.end) continue;
    const text = line.number === 1 ? line.text.replace(/^\u00ef\u00bb\u00bf/, '') : line.text;
    const header = /^\s*\[\s*([^\]]*?)\s*\]/.exec(text)?.[1];
    if (header === undefined) continue;
    const profile = profileOf(header, file);
    if (profile !== null) found.push({ profile, line: line.number });
  }
  return found;
}

function profileOf(header: string, file: 'config' | 'credentials'): string | null {
  const unquoted = (name: string): string => /^(["'])(.*)\1$/.exec(name)?.[2]?.trim() ?? name;
  if (file === 'credentials') return unquoted(header);
  const named = /^profile\s+(.+)$/.exec(header)?.[1];
  if (named !== undefined) return unquoted(named.trim());
  return header === 'default' ? header : null;
}
