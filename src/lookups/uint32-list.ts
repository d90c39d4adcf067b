/** A growing list of unsigned 32-bit numbers, in four bytes each. */
export interface Uint32List {
  length(): number
  /** The number at an index; 0 beyond the end. */
  at(index: number): number
  push(number: number): void
  /** The index of a number; the list must be in ascending order. */
  indexOf(number: number): number
}

export function createUint32List(): Uint32List {
  let numbers = new Uint32Array(1_024)
  let length = 0
  return {
    length: () => length,
    at: (index) => numbers[index] ?? 0,
    push: (number) => {
      if (length === numbers.length) {
        const larger = new Uint32Array(length * 2)
        larger.set(numbers)
        numbers = larger
      }
      numbers[length] = number
      length += 1
    },
    indexOf: (number) => {
      let from = 0
      for (let to = length; from < to; ) {
        const middle = (from + to) >>> 1
        if ((numbers[middle] ?? 0) < number) from = middle + 1
        else to = middle
      }
      return from
    },
  }
}
