/** What the invented project is made of (reference/iterable.md §7, §8). Some ids are above 2^31. */

export interface SimulatedChannel {
  id: number;
  name: string;
  channelType: "Marketing" | "Transactional";
  messageMedium: "Email" | "Push" | "SMS";
}

export interface SimulatedMessageType {
  id: number;
  name: string;
  channelId: number;
  createdAt: number;
  updatedAt: number;
  subscriptionPolicy: "OptIn" | "OptOut";
}

export interface SimulatedList {
  id: number;
  name: string;
  createdAt: number;
  listType: "Standard" | "Dynamic" | "Suppression" | "Internal";
  isGlobalSuppressionEnabled?: boolean;
}

const madeAt = Date.UTC(2020, 2, 1);

/** The two e-mail marketing channels are those of the world's Iterable users. */
export const practiceChannels: SimulatedChannel[] = [
  { id: 39581, name: "Marketing Channel", channelType: "Marketing", messageMedium: "Email" },
  { id: 39582, name: "Transactional Channel", channelType: "Transactional", messageMedium: "Email" },
  { id: 39583, name: "Newsletter Channel", channelType: "Marketing", messageMedium: "Email" },
  { id: 2_147_490_001, name: "SMS Marketing", channelType: "Marketing", messageMedium: "SMS" },
  { id: 39585, name: "Push Channel", channelType: "Marketing", messageMedium: "Push" },
];

export const practiceMessageTypes: SimulatedMessageType[] = [
  messageType(52001, "Campaigns", 39581),
  messageType(52002, "Receipts", 39582),
  messageType(52003, "Offers", 39583),
  messageType(52004, "Texts", 2_147_490_001),
];

export const globalSuppressionListId = 4_294_967_301;
export const localSuppressionListId = 1_471_009;

export const practiceLists: SimulatedList[] = [
  { id: 1_471_001, name: "All customers", createdAt: madeAt, listType: "Standard" },
  { id: 1_471_002, name: "Newsletter", createdAt: madeAt, listType: "Standard" },
  { id: 1_471_003, name: "Bought lately", createdAt: madeAt, listType: "Dynamic" },
  { id: 1_471_004, name: "Staff", createdAt: madeAt, listType: "Internal" },
  {
    id: globalSuppressionListId,
    name: "Never mail",
    createdAt: madeAt,
    listType: "Suppression",
    isGlobalSuppressionEnabled: true,
  },
  {
    id: localSuppressionListId,
    name: "Not the offers",
    createdAt: madeAt,
    listType: "Suppression",
    isGlobalSuppressionEnabled: false,
  },
];

function messageType(id: number, name: string, channelId: number): SimulatedMessageType {
  return { id, name, channelId, createdAt: madeAt, updatedAt: madeAt, subscriptionPolicy: "OptOut" };
}
