/** A growing list of whole numbers of 32 bits, of four bytes each. */
export interface Numbers {
  length(): number
  /** From 0; 0 beyond the end. */
  at(position: number): number
  push(number: number): void
  /** The position of a number, if they are in ascending order. */
  find(number: number): number
}

export function createNumbers(): Numbers {
  let numbers = new Uint32Array(1_024)
  let length = 0
  return {
    length: () => length,
    at: (position) => numbers[position] ?? 0,
    push: (number) => {
      if (length === numbers.length) {
        const larger = new Uint32Array(length * 2)
        larger.set(numbers)
        numbers = larger
      }
      numbers[length] = number
      length += 1
    },
    find: (number) => {
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
