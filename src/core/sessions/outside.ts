import type { AwsSts } from './aws-sts.ts';
import type { Programs } from './programs.ts';

/** Who gives credentials, outside of the core. */
export interface Outside {
  sts: AwsSts;
  programs: Programs;
}
