// What the demo shop sells: a fixed assortment, the same in each backend.

export type ProductKind = 'mug' | 'vase' | 'lamp' | 'bowl' | 'bottle' | 'plate'

export interface Product {
  id: number
  name: string
  kind: ProductKind
  /** Price in euro cents. */
  priceCents: number
  /** Hue of its glaze, in degrees. */
  hue: number
  about: string
}

const kinds: readonly ProductKind[] = ['mug', 'vase', 'lamp', 'bowl', 'bottle', 'plate']

const glazes = [
  ['Harbour', 205, 'a cold blue that pools darker at the foot'],
  ['Ember', 14, 'an iron red, fired twice'],
  ['Moss', 110, 'a matt green with a fine grain'],
  ['Saffron', 42, 'a warm yellow, brushed by hand'],
  ['Heather', 285, 'a soft violet over white clay'],
  ['Lagoon', 175, 'a bright sea green, glossy all over'],
] as const

const basePriceCents: Record<ProductKind, number> = {
  mug: 1800,
  vase: 4900,
  lamp: 8900,
  bowl: 2600,
  bottle: 3400,
  plate: 2200,
}

function assortment(): Product[] {
  const all: Product[] = []
  for (const [glaze, hue, note] of glazes) {
    for (const kind of kinds) {
      const id = all.length + 1
      all.push({
        id,
        name: `${glaze} ${kind}`,
        kind,
        hue,
        priceCents: basePriceCents[kind] + ((id * 37) % 9) * 100,
        about: `A stoneware ${kind} in ${glaze} glaze: ${note}.`,
      })
    }
  }
  return all
}

/** The whole assortment; a product's id is its position, counted from 1. */
export const products: readonly Product[] = assortment()
