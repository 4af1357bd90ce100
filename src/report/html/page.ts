import { type Content, html, Markup } from './html.ts';
import { style } from './style.ts';

/** A document of one file that fetches nothing and runs nothing; its policy also forbids the browser to do so. */
export function page(title: string, content: Content): string {
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`);
}
