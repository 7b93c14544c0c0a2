// The pages of the demo shop that people see, as pure functions from a visit to markup.
import { escapeHtml, layout } from './layout.ts'
import { type Product, products } from './products.ts'
import type { Session } from './session.ts'

function price(cents: number): string {
  return `€ ${(cents / 100).toFixed(2)}`
}

function grid(list: readonly Product[]): string {
  const cards = list.map(
    ({ id, name, priceCents }) =>
      `<a class="card" href="/product/${id}"><img loading="lazy" alt="" src="/image/${id}.svg"><div><span>${name}</span><span class="soft" data-price="${id}">${price(priceCents)}</span></div></a>`,
  )
  return `<div class="grid">${cards.join('\n')}</div>`
}

const tickerScript = `<script>
const ticker=new EventSource('/ticker')
ticker.addEventListener('price',event=>{const{id,priceCents}=JSON.parse(event.data)
for(const el of document.querySelectorAll('[data-price="'+id+'"]'))el.textContent='€ '+(priceCents/100).toFixed(2)})
</script>`

const chatBody = `<ol class="chat" id="log" aria-live="polite"></ol>
<form class="row" id="say"><input name="text" aria-label="Message" autocomplete="off" maxlength="280"><button>Send</button></form>
<script>
const log=document.getElementById('log'),form=document.getElementById('say')
const socket=new WebSocket((location.protocol==='https:'?'wss://':'ws://')+location.host+'/chat')
const add=text=>{const item=document.createElement('li');item.textContent=text;log.append(item);while(log.children.length>100)log.firstChild.remove()}
socket.onmessage=event=>{const{from,text}=JSON.parse(event.data);add(from+': '+text)}
socket.onclose=()=>add('The line is closed. Reload to join again.')
form.onsubmit=event=>{event.preventDefault();if(form.text.value)socket.send(JSON.stringify({text:form.text.value}));form.reset()}
</script>`

function cartPage(session: Session): string {
  if (session.cart.size === 0) return layout('Your cart', '<p class="soft">Nothing in it yet.</p>')
  let totalCents = 0
  const rows = [...session.cart].map(([id, quantity]) => {
    const product = products[id - 1]!
    totalCents += product.priceCents * quantity
    return `<tr><td>${product.name}</td><td>${quantity}</td><td>${price(product.priceCents * quantity)}</td></tr>`
  })
  const foot = `<tr><th scope="row">Total</th><td></td><td>${price(totalCents)}</td></tr>`
  return layout('Your cart', `<table>${rows.join('')}${foot}</table>`)
}

function loginPage(session: Session, wrong: boolean): string {
  if (session.user !== undefined) return layout('Welcome back', `<p>Hello, ${escapeHtml(session.user)}.</p>`)
  const note = wrong ? 'That name and password do not match.' : 'Any name will do; the password is “demo”.'
  return layout(
    'Sign in',
    `<p class="soft">${note}</p><form class="row" method="post"><input name="name" aria-label="Name" autocomplete="username"><input name="password" type="password" aria-label="Password" autocomplete="current-password"><button>Sign in</button></form>`,
  )
}

export const pages = {
  catalogue: () => layout('Stoneware, made slowly', grid(products) + tickerScript),
  product: (product: Product) =>
    layout(
      product.name,
      `<div class="two"><img alt="${product.name}" src="/image/${product.id}.svg"><div><p>${product.about}</p><p data-price="${product.id}">${price(product.priceCents)}</p><form method="post" action="/cart"><input type="hidden" name="id" value="${product.id}"><button>Add to cart</button></form></div></div>${tickerScript}`,
    ),
  search: (query: string, found: readonly Product[]) =>
    layout(
      query ? `Results for “${query}”` : 'Search',
      found.length ? grid(found) : '<p class="soft">Nothing found.</p>',
    ),
  cart: cartPage,
  login: loginPage,
  chat: () => layout('Talk to the potters', chatBody),
  problem: (status: number) =>
    layout(
      status === 404 ? 'This shelf is empty' : 'The kiln is too hot',
      `<p class="soft">Status ${status}.</p>`,
    ),
}
