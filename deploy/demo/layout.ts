// The frame around each page of the demo shop; everything inline, so a page asks no other host for anything.

const style = `
:root{color-scheme:light dark;--ink:#1d2326;--soft:#667077;--line:#e3e2dd;--paper:#faf9f6;--card:#fff;--accent:#9a3f1f}
@media (prefers-color-scheme:dark){:root{--ink:#ecebe7;--soft:#9aa3a8;--line:#33383b;--paper:#17191b;--card:#1f2224;--accent:#f0a07c}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 ui-sans-serif,system-ui,sans-serif}
header{display:flex;gap:24px;align-items:center;flex-wrap:wrap;padding:20px max(24px,calc(50vw - 520px));border-bottom:1px solid var(--line)}
header b{font:600 20px/1 ui-serif,Georgia,serif;letter-spacing:.01em}header nav{display:flex;gap:18px;margin-left:auto}
a{color:inherit;text-decoration:none}a:hover{color:var(--accent)}main{padding:32px max(24px,calc(50vw - 520px)) 64px}
h1{font:600 32px/1.2 ui-serif,Georgia,serif;margin:0 0 24px}.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(200px,1fr));gap:20px}
.card{display:block;background:var(--card);border:1px solid var(--line);border-radius:12px;overflow:hidden}.card img{display:block;width:100%;aspect-ratio:15/14}
.card div{display:flex;justify-content:space-between;padding:12px 14px}.soft{color:var(--soft)}.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(280px,1fr));gap:40px}
.two img{width:100%;border-radius:12px}input,button{font:inherit;padding:9px 14px;border-radius:8px;border:1px solid var(--line);background:var(--card);color:inherit}
button{background:var(--ink);color:var(--paper);border-color:var(--ink);cursor:pointer}button:hover{background:var(--accent);border-color:var(--accent)}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:10px 0;border-bottom:1px solid var(--line)}form.row{display:flex;gap:10px;flex-wrap:wrap}
ol.chat{list-style:none;padding:0;min-height:240px}footer{padding:24px;text-align:center;color:var(--soft);font-size:14px}`

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`)
}

/** Puts already escaped markup into the frame. */
export function layout(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)} · Kiln &amp; Co.</title><link rel="icon" href="/image/1.svg"><style>${style}</style></head>
<body><header><a href="/"><b>Kiln &amp; Co.</b></a><form class="row" action="/search" role="search"><input name="q" type="search" aria-label="Search the shop" placeholder="Search"></form>
<nav><a href="/">Catalogue</a><a href="/chat">Chat</a><a href="/cart">Cart</a><a href="/login">Sign in</a></nav></header>
<main><h1>${escapeHtml(title)}</h1>
${content}
</main><footer>A demo shop behind Oriel: three backends, one of them moody.</footer></body></html>
`
}
