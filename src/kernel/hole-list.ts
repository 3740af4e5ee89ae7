import { allocate, allocateArray, at, freeArray } from './memory';

/** Room to begin with. */
const FIRST_ROOM = 16;

/** Places of a bucket table that lost keys to a scan, in the order in which they did. */
@unmanaged
export class HoleList {
  count: i32;
  private places: usize;
  private room: i32;

  static create(): HoleList {
    return changetype<HoleList>(allocate(offsetof<HoleList>()));
  }

  at(index: i32): i32 {
    return load<i32>(at(this.places, index));
  }

  note(place: i32): void {
    // One that has just been noted would be closed again for nothing.
    if (this.count > 0 && this.at(this.count - 1) === place) return;
    if (this.count === this.room) this.grow();
    store<i32>(at(this.places, this.count++), place);
  }

  private grow(): void {
    const larger = max(FIRST_ROOM, this.room * 2);
    const places = allocateArray((<usize>larger) << 2);
    if (this.room > 0) {
      memory.copy(places, this.places, (<usize>this.room) << 2);
      freeArray(this.places, (<usize>this.room) << 2);
    }
    this.places = places;
    this.room = larger;
  }
}
