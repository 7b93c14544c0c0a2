// Draws a product as an SVG: no image files to ship, and each picture is the same in each backend.
import type { Product, ProductKind } from './products.ts'

const outlines: Record<ProductKind, string> = {
  mug: 'M100 90h90v100a26 26 0 0 1-26 26h-38a26 26 0 0 1-26-26zM190 112h16a24 24 0 0 1 24 24v14a24 24 0 0 1-24 24h-16v-16h12a12 12 0 0 0 12-12v-6a12 12 0 0 0-12-12h-12z',
  vase: 'M128 60h44c0 30-12 36-12 52 0 22 36 34 36 70 0 24-18 38-46 38s-46-14-46-38c0-36 36-48 36-70 0-16-12-22-12-52z',
  lamp: 'M118 66h64l34 78H84zM144 144h12v58h28a8 8 0 0 1 8 8v8h-84v-8a8 8 0 0 1 8-8h28z',
  bowl: 'M70 128h160c0 46-30 80-66 84v8h-28v-8c-36-4-66-38-66-84z',
  bottle: 'M136 54h28v54c0 14 24 22 24 50v48a16 16 0 0 1-16 16h-44a16 16 0 0 1-16-16v-48c0-28 24-36 24-50z',
  plate: 'M150 62a88 88 0 1 1 0 176 88 88 0 0 1 0-176zm0 28a60 60 0 1 0 0 120 60 60 0 0 0 0-120z',
}

export function drawProduct(product: Product): string {
  const { hue, id, kind } = product
  const tilt = ((id * 13) % 7) - 3
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 280" role="img" aria-label="${product.name}">
<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="hsl(${hue} 52% 62%)"/><stop offset="1" stop-color="hsl(${hue + 18} 46% 38%)"/></linearGradient></defs>
<rect width="300" height="280" fill="hsl(${hue} 30% 94%)"/>
<ellipse cx="150" cy="234" rx="82" ry="10" fill="hsl(${hue} 25% 82%)"/>
<path transform="rotate(${tilt} 150 220)" fill="url(#g)" fill-rule="evenodd" d="${outlines[kind]}"/>
</svg>`
}
