// The sentences of TinyTales, as data: several ways to tell each event. The slots are explained at `tell` in narrator.ts.

export const lines = {
  // Who and what there is.
  own: [
    '{A} had {a t}.',
    '{A} owned {a t}.',
    '{a t} belonged to {A}.',
    '{A} had {a t} in {his} bag.',
    'that day {A} had {a t}.',
  ],
  ownAt: ['{A} was at {p} with {a t}.', '{A} had {a t} at {p}.', 'at {p}, {A} played with {a t}.'],
  stand: ['{A} was at {p}.', '{A} waited at {p}.', '{A} played at {p}.', 'at {p} sat {A}.'],
  lie: ['there was {a t} at {p}.', '{a t} lay at {p}.', 'at {p} lay {a t}.'],
  hasPet: ['{A} had {a t}.', '{A} lived with {a t}.', '{a t} lived with {A}.'],
  hasFood: ['{A} had some {w}.', '{A} had made some {w}.', 'some {w} belonged to {A}.'],

  // Before and after.
  setting: [
    ...[
      'it was a sunny morning.',
      'it was a quiet day.',
      'the sun was high in the sky.',
      'it was a cold day in winter.',
    ],
    ...['it was summer.', 'the birds sang in the trees.', 'the sky was full of clouds.', 'nobody was in a hurry.'],
  ],
  closing: [
    ...['it was a good day.', 'then it was time to go home.', 'soon it was dark.', 'that night, everybody slept well.'],
    ...['what a day!', 'and so the day came to an end.', 'everybody talked about it for a long time.'],
  ],
  whereIs: ['"Where is {t}?" asked {A}. "At {p}," said {B}.', '{A} asked where {t} was. "At {p}," said {B}.'],
  whereAre: [
    '"Where is {C}?" asked {A}. "At {p}," said {B}.',
    '{A} asked where {C} was. "At {p}," said {B}.',
    '{A} looked for {C}. "Look at {p}," said {B}.',
  ],
  whoHas: ['"Who has {t}?" asked {A}. "With {C}," said {B}.', '{A} asked who had {t}. "With {C}," said {B}.'],

  // Moving.
  go: ['{A} went to {p}.', '{A} walked to {p}.', '{A} ran to {p}.', '{A} came to {p}.'],
  goFrom: ['{A} left {q} and went to {p}.', '{A} walked from {q} to {p}.', '{A} ran from {q} to {p}.'],
  goTo: ['{A} went to {B} at {p}.', '{A} went to {p}, where {B} was.', '{A} walked to {p} and met {B}.'],
  goBoth: ['{AB} went to {p}.', '{AB} walked to {p}.', '{AB} ran to {p} together.'],
  goBackBoth: ['{AB} went back to {p}.', '{AB} walked back to {p}.'],
  goBack: ['{A} went back to {p}.', '{A} ran back to {p}.'],
  carry: ['{A} took {it} to {p}.', '{A} went to {p} with {t}.', '{A} carried {it} to {p}.'],
  rest: ['{A} sat down there.', '{A} sang a song there.', '{A} played there for a while.', '{A} rested there.'],

  // Things change hands.
  take: ['{A} picked up {t}.', '{A} took {it}.', '{A} picked {it} up.'],
  find: ['{A} found {t} there.', 'there {A} found {t}.', '{A} saw {t} and picked it up.'],
  leave: ['{A} left {it} at {p}.', '{A} put {it} down at {p}.', '{A} forgot {it} at {p}.'],
  give: ['{A} gave {it} to {B}.', '{A} gave {B} {t}.', '{B} got {t} from {A}.', '{A} handed {it} to {B}.'],
  giveBack: ['{A} gave {it} back to {B}.', '{A} brought {it} back to {B}.', '{B} got {t} back from {A}.'],
  lend: ['{A} lent {it} to {B}.', '{A} lent {B} {t}.', '{B} asked for {t}, and {A} said yes.'],
  keep: ['{A} let {B} keep {t}.', '{A} told {B} to keep {t}.'],
  trade: ['{A} gave {B} {t} for {u}.', '{A} got {u} from {B} for {t}.', '{B} took {t} and gave {A} {u}.'],
  offer: ['{A} wanted {u}, and {B} wanted {t}.', '{A} liked {u} more than {t}.', '{A} asked {B} for {u}.'],
  buy: ['{A} bought {a t} at {p}.', 'at {p}, {A} bought {a t}.', '{A} saw {a t} at {p} and bought it.'],

  // Feelings.
  feel: ['{A} felt {w}.', '{A} was {w}.', '{A} was very {w}.', 'now {A} felt {w}.'],
  feelMade: ['this made {A} {w}.', 'it made {A} very {w}.', '{A} felt {w}.', '{A} was {w}.'],
  feelBecause: ['{A} felt {w} because of {t}.', '{A} was {w} because of {t}.', '{t} made {A} {w}.'],
  feelBecauseWord: ['{A} felt {w} because of the {x}.', '{A} was {w} because of the {x}.', 'the {x} made {A} {w}.'],
  moved: ['{A} {w} a {x}.', 'that day {A} {w} a {x}.'],
  thanks: ['"Thank you," said {A}.', '"Thank you so much," said {A}.', '{A} thanked {B}.'],
  notice: ['{A} looked for {t}, but it was gone.', '{A} wanted {t}, but it was not there.', '{A} could not find {t}.'],
  ask: ['"Where is {t}?" asked {A}.', '"Where did you leave {t}?" asked {B}.', '{B} wanted to help {A}.'],
  notThere: ['{it} was not there.', 'but {t} was not there.'],

  // Weather.
  windTakes: ['the wind took {t} and carried it to {p}.', 'a strong wind blew {t} to {p}.'],
  snow: ['it began to snow.', 'the snow came, and it was very cold.', 'a lot of snow fell that day.'],
  rain: ['it began to rain.', 'the rain came.', 'a lot of rain fell that day.'],
  wet: ['{A} had no umbrella and got wet.', '{A} got wet and cold.'],
  freeze: ['{A} had nothing warm to wear.', '{A} had no coat.'],
  cover: ['{A} stayed dry under {t}.', 'under {t}, {A} was dry again.'],
  wear: ['{A} put {it} on and was warm.', '{A} put on {t} and was warm again.'],

  // Pets.
  petRuns: [
    'a loud noise scared {t}, and it ran to {p}.',
    '{t} ran away to {p}.',
    'one day, {t} was gone. It was at {p}.',
  ],
  petRunsOn: ['then {it} ran on to {p}.', 'from there {it} ran to {p}.'],
  petFound: ['{A} saw {t} there.', 'there {A} found {t}.', '{A} found {t} there and was kind to it.'],
  petBack: ['{A} brought {it} back to {B}.', '{A} took {it} home to {B}.'],

  // Food.
  hungry: ['{A} was hungry.', '{A} had no food and was hungry.', '{A} felt very hungry.'],
  askFood: ['{A} asked {B} for food.', '"Please give me some food," said {A} to {B}.'],
  noFood: ['but {B} said no.', 'but {B} had no more {w}.', 'but {B} did not want to share the {w}.'],
  share: ['{B} gave {A} some of the {w}.', '{B} shared the {w} with {A}.'],
  ate: ['{A} ate the {w}.', '{A} ate all of the {w}.'],
  spoil: ['a dog ate the {w}.', 'the {w} fell into the water.'],

  // Broken and mended.
  breaks: ['{A} fell, and {t} broke.', '{A} dropped {it}, and it broke.', '{A} broke {it}.'],
  borrowBroken: ['{A} asked {B} for {t}, and {B} said yes.', '{A} played with {t}, and {B} said nothing.'],
  sorry: ['"I am sorry," said {A}.', '{A} said sorry to {B}.'],
  canMend: ['{A} knew how to mend things.', '{A} had some glue.'],
  mend: ['{A} mended {it}.', '{A} mended {t} with some glue.'],

  // A locked box.
  box: ['there was a locked box at {p}.', 'a locked box stood at {p}.'],
  tryBox: ['{A} tried to open the box, but it was locked.', '{A} could not open the box.', '{A} needed the key.'],
  open: ['{A} opened the box with the key.', 'with the key, {A} opened the box.'],
  inside: ['{a t} was in the box.', 'there was {a t} in the box.'],
  hasKey: ['{A} had the key to it.', 'the key was with {A}.'],

  // Cooking.
  cook: ['{A} wanted to make a {w}.', 'today {A} made a {w}.'],
  bring: ['{A} brought the {w}.', '{A} came with the {w}.', 'the {w} came from {A}.'],
  first: ['first, {A} put the {w} in the bowl.', 'the {w} went into the bowl first.'],
  later: ['then {A} added the {w}.', 'next came the {w}.', 'after the {x} came the {w}.'],
  finish: ['last of all came the {w}.', 'at last, {A} added the {w}.'],
  serve: ['{B} ate the {w} and smiled.', '{B} ate the first piece of the {w}.', '{A} gave the {w} to {B}.'],

  // Jobs.
  job: ['{A} {w}.', 'it was {A} who {w}.'],
  helper: ['{B} asked for help.', 'there was a lot to do for {B}.'],
  reward: ['{B} gave {a t} to the one who {w}. That was {A}.', 'the one who {w} got {a t} from {B}. That was {A}.'],

  // A trip, a delivery.
  meet: ['there {A} saw a {w}.', '{A} saw a {w} there.', 'at {p}, {A} saw a {w}.'],
  forWhom: ['{t} was for {B}.', '{A} wanted to bring {t} to {B}.'],

  // Hide and seek, a race.
  play: ['{A} wanted to play with {his} friends.', 'the friends played, and {A} looked for the others.'],
  count: ['{A} counted to {w}.', '{A} closed {his} eyes and counted to {w}.'],
  hide: ['{A} hid behind the {w}.', 'behind the {w} hid {A}.'],
  empty: ['{A} looked behind the {w}, but nobody was there.', 'nobody was behind the {w}.'],
  seek: ['{A} looked behind the {w} and found {B}.', 'behind the {w}, {A} found {B}.'],
  race: ['the friends ran a race to {p}.', 'there was a race to {p}.'],
  rank: ['{A} came {w}.', '{A} was {w} in the race.'],
  prize: ['the prize was {a t}. It went to {A}.', '{A} won, so {A} got {a t}.'],

  // Counting.
  herd: ['there were {w} {x} at {p}.', 'at {p} there were {w} {x}.', '{A} saw {w} {x}.', '{A} counted {w} {x}.'],
  more: ['then {w} more {x} came.', '{w} more {x} came along.'],
  fewer: ['then {w} of the {x} went away.', '{w} {x} ran away.'],
  now: ['now there were {w} {x}.', 'now {A} counted {w} {x}.'],
} as const satisfies Record<string, readonly string[]>;
