/** `arn:aws:iam::123456789012:user/staff/alice`; its group is the name without the path. */
export const USER_ARN = /^arn:[\w-]+:iam::\d{12}:user\/(?:.*\/)?([^/]+)$/;
