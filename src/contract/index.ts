export * from './errors.ts';
export * from './events.ts';
export * from './files.ts';
export * from './methods.ts';
export * from './schemas.ts';
export * from './wire.ts';
