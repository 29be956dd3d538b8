/** Whether a browser that is opened here would not be the person's: there is no screen, or the person sits at another machine. */
export function isHeadless(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): boolean {
  const has = (name: string): boolean => (env[name] ?? '') !== '';
  if (has('SSH_CONNECTION') || has('SSH_TTY')) return true;
  if (platform === 'darwin' || platform === 'win32') return false;
  return !has('DISPLAY') && !has('WAYLAND_DISPLAY');
}
