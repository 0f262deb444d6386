/** A page to try the widget on, with every method of it at hand. */
export function demoPage(token: string): string {
  const safe = /^[\w-]{1,256}$/.test(token) ? token : '';
  return DEMO.replaceAll('{{token}}', safe);
}

export const DEMO_SCRIPT = `
const $ = (id) => document.getElementById(id);
const say = (text) => { $('log').textContent = text + '\\n' + $('log').textContent; };
const show = (value) => say(JSON.stringify(value, null, 1));
for (const name of ['open', 'close', 'message_sent', 'message_received', 'unread', 'identified', 'restored'])
  parley.on(name, (detail) => say('on ' + name + ' ' + JSON.stringify(detail)));
const run = (name, ...args) => Promise.resolve(parley[name](...args)).then(show, (error) => say(String(error)));
for (const button of document.querySelectorAll('button[data-call]'))
  button.onclick = () => run(button.dataset.call, ...JSON.parse(button.dataset.args || '[]'));
$('color').oninput = () => parley.setTheme({ primary: $('color').value });
$('scheme').onchange = () => parley.setTheme({ colorScheme: $('scheme').value });
$('locale').onchange = () => { location.search = new URLSearchParams({ token: $('token').value, locale: $('locale').value }); };
$('send').onclick = () => run('sendMessage', $('text').value);
$('identify').onclick = () => run('identify', { name: $('name').value, email: $('email').value });
$('use').onclick = () => { location.search = new URLSearchParams({ token: $('token').value }); };
`;

const DEMO = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Try the widget</title>
<style>
body{font:15px/1.55 system-ui,sans-serif;margin:0;color:#1d1b18;background:#fffefc}
main{max-width:720px;margin:0 auto;padding:48px 24px 120px}
h1{font-size:24px;margin:0 0 8px}h2{font-size:15px;margin:32px 0 8px}
p{margin:0 0 12px;color:#66625b}
input,select,button{font:inherit;padding:6px 10px;border:1px solid #cfcac2;border-radius:6px;background:#fff;color:inherit}
button{cursor:pointer}
.row{display:flex;gap:8px;flex-wrap:wrap;align-items:center}
pre{background:#f5f4f1;padding:12px;border-radius:8px;min-height:120px;max-height:320px;overflow:auto;font-size:13px;white-space:pre-wrap}
label{display:flex;gap:6px;align-items:center}
</style>
<script src="/parley.js" data-token="{{token}}"></script>
</head>
<body>
<main>
<h1>Try the widget</h1>
<p>The button in the corner is the real one. What you write is a ticket of the project.</p>
<div class="row"><label>Project token <input id="token" size="44" value="{{token}}"></label><button id="use">Use</button></div>
<h2>Looks</h2>
<div class="row">
<label>Colour <input id="color" type="color" value="#1d4aff"></label>
<label>Theme <select id="scheme"><option>auto</option><option>light</option><option>dark</option></select></label>
<label>Language <select id="locale"><option value="">browser</option><option>en</option><option>de</option><option>fr</option><option>es</option><option>pt-BR</option><option>ja</option><option>ar</option></select></label>
</div>
<h2>Panel</h2>
<div class="row">
<button data-call="open">open()</button><button data-call="close">close()</button><button data-call="show">show()</button>
<button data-call="hide">hide()</button><button data-call="isVisible">isVisible()</button><button data-call="isAvailable">isAvailable()</button>
<button data-call="getUnavailableReason">getUnavailableReason()</button>
</div>
<h2>Conversations</h2>
<div class="row">
<input id="text" value="Hello from the demo" size="28"><button id="send">sendMessage(text)</button>
<button data-call="getTickets">getTickets()</button><button data-call="getMessages">getMessages()</button>
<button data-call="markAsRead">markAsRead()</button><button data-call="getCurrentTicketId">getCurrentTicketId()</button>
</div>
<h2>Who is there</h2>
<div class="row">
<input id="name" placeholder="Name" size="14"><input id="email" placeholder="E-mail" size="22"><button id="identify">identify(traits)</button>
<button data-call="clearIdentity">clearIdentity()</button><button data-call="reset">reset()</button>
</div>
<h2>What happened</h2>
<pre id="log" aria-live="polite" tabindex="0"></pre>
</main>
<script src="/widget-demo/demo.js"></script>
</body>
</html>
`;
