/** Why a slot was withdrawn, and a booking needs attention: somebody else is on duty, and sees patients elsewhere. */
export const SHIFT_CHANGED = 'shift_changed'

/** Why a booking needs attention: nobody is on duty any more. */
export const SHIFT_EMPTIED = 'shift_emptied'
