/** Shown instead of the page when `dist/renderer` is not there. No script, no style: the policy allows neither inline. */
export const NOT_BUILT_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Keyhold</title></head>
<body>
<h1>The page has not been built</h1>
<p>The daemon runs and the command line works. To get this page, run <code>npm run build</code> in Keyhold’s folder and start Keyhold again.</p>
</body>
</html>
`;
