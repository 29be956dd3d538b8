export type { DoorLimits } from './limits.ts';
export { type Door, type DoorOptions, startDoor } from './server.ts';
