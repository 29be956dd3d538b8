/** The region of a profile that was made without one: AWS's own default. */
export const DEFAULT_REGION = 'us-east-1';
