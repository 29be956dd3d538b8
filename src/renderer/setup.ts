import { config } from 'zod';

// zod compiles validators with `new Function` where it may; the page's policy forbids it, so do not even try.
config({ jitless: true });
