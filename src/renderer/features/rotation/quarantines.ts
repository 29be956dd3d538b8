/** How long the old key may be kept, deactivated. */
export const QUARANTINES = [
  { id: '0', label: 'None', note: 'deleted at once' },
  { id: '3600', label: '1 hour' },
  { id: '86400', label: '24 hours', note: 'usual' },
  { id: '604800', label: '7 days' },
  { id: '2592000', label: '30 days' },
] as const;

/** The same for a rotation, which may go by a schedule. */
export const ROTATION_QUARANTINES = [
  { id: 'schedule', label: 'As scheduled', note: '24 hours without a schedule' },
  ...QUARANTINES,
] as const;

/** What the contract is told of the choice: nothing where the schedule decides. */
export function quarantineWanted(id: string): { quarantineSeconds?: number } {
  return id === 'schedule' ? {} : { quarantineSeconds: Number(id) };
}
