/**
 * State of one scenario that belongs to one noun: made when it is first asked for, gone with the scenario. So a new
 * noun needs no change of the world.
 */
export function scenarioState<World extends object, State>(initial: () => State): (world: World) => State {
  const states = new WeakMap<World, State>()
  return world => {
    const state = states.get(world) ?? initial()
    states.set(world, state)
    return state
  }
}
