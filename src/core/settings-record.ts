export const DEFAULT_AUTO_LOCK_MINUTES = 15;
/** The one record of kind `settings`. */
export const SETTINGS_ID = '0'.repeat(32);
