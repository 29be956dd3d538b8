export { createUpstreamAgents } from './forward/agents.ts';
export type { DoorLimits } from './limits.ts';
export { callService } from './local/call-service.ts';
export { LOCAL_SERVICES } from './local-services.ts';
export { createAwsIam } from './remote/aws-keys.ts';
export { createAwsMfa } from './remote/aws-mfa.ts';
export { createAwsSso } from './remote/aws-sso.ts';
export { createAwsSts } from './remote/aws-sts.ts';
export { type Door, type DoorOptions, startDoor } from './server.ts';
