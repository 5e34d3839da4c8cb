/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages in hexadecimal. */
#include "wire/layout.h"

#include <stddef.h>

/* name "vpn" */
#define VPN "0376706e"
/* name "ssh" */
#define SSH "03737368"
/* the longest name */
#define NAME64 "40" X64("61")

/* clang-format off */
const struct layout layout_requests[] = {
	{ "Info", OBOL_INFO, "" },
	{ "List", OBOL_LIST, "" },
	{ "Get, one", OBOL_GET, VPN "00" U64("00a") },
	{ "Get, all", OBOL_GET, "00" "00" U64("000") },
	{ "Get, page", OBOL_GET, "00" NAME64 U64("000") },
	{ "Put", OBOL_PUT, VPN "0001" U64("002") "00000003" "000004" "5ea1edff" },
	{ "Put, long name", OBOL_PUT,
		NAME64 "8000" U64("000") "00000001" "000001" "00" },
	{ "Delete", OBOL_DELETE, VPN U64("009") },
	{ "SlotStart", OBOL_SLOT_START, "01" NO_DEVICE_ID X33("02") },
	{ "SlotStart, device", OBOL_SLOT_START, "04" DEVICE_ID X33("02") },
	{ "SlotFinish", OBOL_SLOT_FINISH, SLOT_PASSWORD("00000002") },
	{ "SlotFinish, device", OBOL_SLOT_FINISH, SLOT_DEVICE("00000002") },
	{ "SlotFinish, unknown kind", OBOL_SLOT_FINISH,
		"09" NO_DEVICE_ID "40" X64("6c") IDENTITY "00000001" "00000001" RECORD
		"0100" X256("77") },
	{ "SlotDelete", OBOL_SLOT_DELETE, "04" DEVICE_ID },
	{ "SlotList", OBOL_SLOT_LIST, "" },
	{ "Stage", OBOL_STAGE, VPN "0001" U64("002") "00000004" "000001" "5e" },
	{ "ReKey", OBOL_REKEY,
		"00000002" "02" SLOT_PASSWORD("00000002") SLOT_DEVICE("00000002") },
	{ "Issue", OBOL_ISSUE, "0003" "308201" },
	{ "Anchors", OBOL_ANCHORS, "00000007" "00000007" },
	{ "Anchors, passed over", OBOL_ANCHORS, "00000000" "00000007" },
	{ "AccountStart", OBOL_ACCOUNT_START,
		"03626f62" "01" "01" NO_DEVICE_ID X33("02") },
	{ "AccountStart, with a device", OBOL_ACCOUNT_START,
		"ff" X255("61") "02" "01" NO_DEVICE_ID X33("02")
		"04" DEVICE_ID X33("03") },
	{ "AccountCreate", OBOL_ACCOUNT_CREATE,
		"03626f62" "02" SLOT_PASSWORD("00000001") SLOT_DEVICE("00000001") },
	{ "AccountDelete", OBOL_ACCOUNT_DELETE, "" },
	{ "Follow", OBOL_FOLLOW, U64("009") U64("777") "00000010" },
	{ "Report", OBOL_REPORT,
		U64("abc") "01" "0002"
		"01" X16("5a") "024f2a" "0361406f" "09" "3139322e302e322e31" "00"
		U64("777") U64("000") U64("000") U64("000")
		"02" X16("5b") "00" "00" "00" "00"
		U64("778") U64("123") U64("456") U64("009") },
	{ "Report, a sweep alone", OBOL_REPORT, U64("abc") "01" "0000" },
	{ "History", OBOL_HISTORY, U64("000") "00c8" },
	{ "History, on", OBOL_HISTORY, U64("fff") "0001" },
	{ NULL, 0, NULL },
};

const struct layout layout_answers[] = {
	{ "InfoAnswer", OBOL_INFO_ANSWER,
		"03" "76706e" U64("123") "02" "00010002" "01" "01"
		"00100000" "00040000" "0040" "0020" },
	{ "InfoAnswer, little", OBOL_INFO_ANSWER,
		"00" U64("123") "00" "00" "00000000" "00000000" "0000" "0000" },
	{ "ListAnswer", OBOL_LIST_ANSWER,
		"0002"
		VPN "0001" U64("002") "00000400" U64("777") "00"
		SSH "0005" U64("003") "00000000" U64("778") "01" },
	{ "ListAnswer, empty", OBOL_LIST_ANSWER, "0000" },
	{ "GetAnswer", OBOL_GET_ANSWER,
		"00" "01" "0002"
		VPN "0001" U64("002") U64("777") "000002" "5ea1"
		SSH "0005" U64("003") U64("778") "000001" "ed" },
	{ "GetAnswer, unchanged", OBOL_GET_ANSWER, "01" "00" "0000" },
	{ "GetAnswer, none", OBOL_GET_ANSWER, "00" "00" "0000" },
	{ "PutAnswer", OBOL_PUT_ANSWER, U64("003") U64("777") },
	{ "DeleteAnswer", OBOL_DELETE_ANSWER, U64("004") },
	{ "SlotStartAnswer", OBOL_SLOT_START_ANSWER,
		X66("03") "00000001" SCRYPT },
	{ "SlotFinishAnswer", OBOL_SLOT_FINISH_ANSWER, "" },
	{ "SlotDeleteAnswer", OBOL_SLOT_DELETE_ANSWER, "" },
	{ "SlotListAnswer", OBOL_SLOT_LIST_ANSWER,
		"0002"
		"01" NO_DEVICE_ID "00" U64("111") U64("222") "033a3a31" U64("000")
		"04" DEVICE_ID "0141" U64("111") U64("000") "00" U64("333") },
	{ "StageAnswer", OBOL_STAGE_ANSWER, "" },
	{ "ReKeyAnswer", OBOL_REKEY_ANSWER, "00000005" },
	{ "IssueAnswer", OBOL_ISSUE_ANSWER,
		"0002" "3080" "01" "0001" "30" "02" "0001" "31" "0003" "323334" },
	{ "IssueAnswer, alone", OBOL_ISSUE_ANSWER, "0001" "30" "00" "00" },
	{ "AnchorsAnswer", OBOL_ANCHORS_ANSWER, "00" "000002" "3080" },
	{ "AnchorsAnswer, unchanged", OBOL_ANCHORS_ANSWER, "01" "000000" },
	{ "AccountStartAnswer", OBOL_ACCOUNT_START_ANSWER,
		"02" X66("03") "00000001" SCRYPT X66("02") "00000001" IDENTITY },
	{ "AccountCreateAnswer", OBOL_ACCOUNT_CREATE_ANSWER, "00" },
	{ "AccountCreateAnswer, waits", OBOL_ACCOUNT_CREATE_ANSWER, "01" },
	{ "AccountDeleteAnswer", OBOL_ACCOUNT_DELETE_ANSWER, "" },
	{ "FollowAnswer", OBOL_FOLLOW_ANSWER,
		U64("009") "01" "0002"
		U64("007") "01" U64("777") "024f2a" "0004" "434e3d61"
		U64("009") "00" U64("778") "0177" "0000"
		U64("777") "00000100" "000002" "3082" },
	{ "FollowAnswer, nothing new", OBOL_FOLLOW_ANSWER,
		U64("009") "00" "0000" U64("777") "00000100" "000000" },
	{ "FollowAnswer, no list", OBOL_FOLLOW_ANSWER,
		U64("000") "00" "0000" U64("000") "00000000" "000000" },
	{ "ReportAnswer", OBOL_REPORT_ANSWER, "" },
	{ "HistoryAnswer", OBOL_HISTORY_ANSWER,
		"0002"
		U64("009") U64("777") "01" "00c8" "04" "0141" "033a3a31" "00026869"
		U64("002") U64("666") "09" "0226" "00" "00" "00" "0000" },
	{ "HistoryAnswer, empty", OBOL_HISTORY_ANSWER, "0000" },
	{ NULL, 0, NULL },
};

const struct layout layout_bad_requests[] = {
	{ "Report: unknown event", OBOL_REPORT,
		U64("abc") "00" "0001" "03" X16("5a") "00" "00" "00" "00"
		U64("777") U64("000") U64("000") U64("000") },
	{ "Report: serial number of 21", OBOL_REPORT,
		U64("abc") "00" "0001" "01" X16("5a") "15" X16("4f") "4f4f4f4f4f"
		"00" "00" "00" U64("777") U64("000") U64("000") U64("000") },
	{ "Report: zero byte in the identity", OBOL_REPORT,
		U64("abc") "00" "0001" "01" X16("5a") "00" "0100" "00" "00"
		U64("777") U64("000") U64("000") U64("000") },
	{ "Report: sweep is 2", OBOL_REPORT, U64("abc") "02" "0000" },
	{ "Report: 129 events", OBOL_REPORT, U64("abc") "00" "0081" },
	{ "Get: name of 65", OBOL_GET, "41" X64("61") "61" "00" U64("000") },
	{ "Get: zero byte in the name", OBOL_GET, "0361006e" "00" U64("000") },
	{ "Get: zero byte behind", OBOL_GET, "00" "026100" U64("000") },
	{ "Get: behind of 65", OBOL_GET, "00" "41" X64("61") "61" U64("000") },
	{ "Get: a name and behind", OBOL_GET, VPN VPN U64("000") },
	{ "Get: all and a version", OBOL_GET, "00" "00" U64("001") },
	{ "Put: no name", OBOL_PUT, "00" "0001" U64("002") "00000003" "000001" "5e" },
	{ "Put: name of 65", OBOL_PUT,
		"41" X64("61") "61" "0001" U64("002") "00000003" "000001" "5e" },
	{ "Put: nothing sealed", OBOL_PUT,
		VPN "0001" U64("002") "00000003" "000000" },
	{ "Put: no version behind this", OBOL_PUT,
		VPN "0001" X8("ff") "00000003" "000001" "5e" },
	{ "Stage: no name", OBOL_STAGE,
		"00" "0001" U64("002") "00000003" "000001" "5e" },
	{ "Delete: no name", OBOL_DELETE, "00" U64("002") },
	{ "Delete: no version behind this", OBOL_DELETE, VPN X8("ff") },
	{ "SlotStart: device id with a password", OBOL_SLOT_START,
		"01" DEVICE_ID X33("02") },
	{ "SlotStart: device id with an unknown kind", OBOL_SLOT_START,
		"05" DEVICE_ID X33("02") },
	{ "SlotFinish: device id with recovery", OBOL_SLOT_FINISH,
		"03" DEVICE_ID "00" IDENTITY "00000001" "00000001" RECORD "000177" },
	{ "SlotFinish: label of 65", OBOL_SLOT_FINISH,
		"01" NO_DEVICE_ID "41" X64("6c") "6c" SCRYPT "00000001" "00000001"
		RECORD "000177" },
	{ "SlotFinish: zero byte in the label", OBOL_SLOT_FINISH,
		"01" NO_DEVICE_ID "0100" SCRYPT "00000001" "00000001" RECORD "000177" },
	{ "SlotFinish: no wrap", OBOL_SLOT_FINISH,
		"01" NO_DEVICE_ID "00" SCRYPT "00000001" "00000001" RECORD "0000" },
	{ "SlotFinish: wrap of 257", OBOL_SLOT_FINISH,
		"01" NO_DEVICE_ID "00" SCRYPT "00000001" "00000001" RECORD
		"0101" X256("77") "77" },
	{ "SlotDelete: device id with a password", OBOL_SLOT_DELETE,
		"01" DEVICE_ID },
	{ "ReKey: no slot", OBOL_REKEY, "00000002" "00" },
	{ "ReKey: one slot twice", OBOL_REKEY,
		"00000002" "02" SLOT_PASSWORD("00000002") SLOT_PASSWORD("00000002") },
	{ "ReKey: one device twice", OBOL_REKEY,
		"00000002" "02" SLOT_DEVICE("00000002") SLOT_DEVICE("00000002") },
	{ "ReKey: a slot of another generation", OBOL_REKEY,
		"00000002" "01" SLOT_PASSWORD("00000001") },
	{ "ReKey: more slots than there can be", OBOL_REKEY,
		"00000002" "24" SLOT_PASSWORD("00000002") },
	{ "Issue: no request", OBOL_ISSUE, "0000" },
	{ "Anchors: after what was before", OBOL_ANCHORS, "00000007" "00000006" },
	{ "AccountStart: no name", OBOL_ACCOUNT_START,
		"00" "01" "01" NO_DEVICE_ID X33("02") },
	{ "AccountStart: zero byte in the name", OBOL_ACCOUNT_START,
		"03620062" "01" "01" NO_DEVICE_ID X33("02") },
	{ "AccountStart: no slot", OBOL_ACCOUNT_START, "03626f62" "00" },
	{ "AccountStart: three slots", OBOL_ACCOUNT_START,
		"03626f62" "03" "01" NO_DEVICE_ID X33("02") "04" DEVICE_ID X33("03")
		"03" NO_DEVICE_ID X33("02") },
	{ "AccountStart: one slot twice", OBOL_ACCOUNT_START,
		"03626f62" "02" "01" NO_DEVICE_ID X33("02")
		"01" NO_DEVICE_ID X33("03") },
	{ "AccountStart: device id with a password", OBOL_ACCOUNT_START,
		"03626f62" "01" "01" DEVICE_ID X33("02") },
	{ "AccountCreate: no name", OBOL_ACCOUNT_CREATE,
		"00" "01" SLOT_PASSWORD("00000001") },
	{ "AccountCreate: no slot", OBOL_ACCOUNT_CREATE, "03626f62" "00" },
	{ "AccountCreate: one slot twice", OBOL_ACCOUNT_CREATE,
		"03626f62" "02" SLOT_PASSWORD("00000001") SLOT_PASSWORD("00000001") },
	{ "AccountCreate: three slots", OBOL_ACCOUNT_CREATE,
		"03626f62" "03" SLOT_PASSWORD("00000001") SLOT_DEVICE("00000001")
		"03" NO_DEVICE_ID "00" IDENTITY "00000007" "00000001" RECORD "000177" },
	{ "AccountCreate: a slot of another generation", OBOL_ACCOUNT_CREATE,
		"03626f62" "01" SLOT_PASSWORD("00000002") },
	{ "History: limit 0", OBOL_HISTORY, U64("000") "0000" },
	{ "History: limit 201", OBOL_HISTORY, U64("000") "00c9" },
	{ NULL, 0, NULL },
};

const struct layout layout_bad_answers[] = {
	{ "FollowAnswer: more and nothing", OBOL_FOLLOW_ANSWER,
		U64("009") "01" "0000" U64("000") "00000000" "000000" },
	{ "FollowAnswer: numbers do not grow", OBOL_FOLLOW_ANSWER,
		U64("009") "00" "0002" U64("007") "01" U64("777") "024f2a" "0000"
		U64("007") "00" U64("778") "0177" "0000"
		U64("000") "00000000" "000000" },
	{ "FollowAnswer: number above the sequence", OBOL_FOLLOW_ANSWER,
		U64("006") "00" "0001" U64("007") "01" U64("777") "024f2a" "0000"
		U64("000") "00000000" "000000" },
	{ "FollowAnswer: number 0", OBOL_FOLLOW_ANSWER,
		U64("006") "00" "0001" U64("000") "01" U64("777") "024f2a" "0000"
		U64("000") "00000000" "000000" },
	{ "FollowAnswer: no serial number", OBOL_FOLLOW_ANSWER,
		U64("009") "00" "0001" U64("007") "01" U64("777") "00" "0000"
		U64("000") "00000000" "000000" },
	{ "FollowAnswer: part longer than the list", OBOL_FOLLOW_ANSWER,
		U64("009") "00" "0000" U64("777") "00000001" "000002" "3082" },
	{ "FollowAnswer: length of no list", OBOL_FOLLOW_ANSWER,
		U64("009") "00" "0000" U64("000") "00000001" "000000" },
	{ "FollowAnswer: 257 items", OBOL_FOLLOW_ANSWER, U64("009") "00" "0101" },
	{ "AccountStartAnswer: none", OBOL_ACCOUNT_START_ANSWER, "00" },
	{ "AccountStartAnswer: three", OBOL_ACCOUNT_START_ANSWER,
		"03" X66("03") "00000001" SCRYPT X66("03") "00000001" SCRYPT
		X66("03") "00000001" SCRYPT },
	{ "AccountCreateAnswer: neither", OBOL_ACCOUNT_CREATE_ANSWER, "02" },
	{ "InfoAnswer: zero byte in the name", OBOL_INFO_ANSWER,
		"0100" U64("123") "00" "00" "00000000" "00000000" "0000" "0000" },
	{ "InfoAnswer: 17 suites", OBOL_INFO_ANSWER,
		"00" U64("123") "11" X32("01") "0101" "00"
		"00000000" "00000000" "0000" "0000" },
	{ "InfoAnswer: 17 mechanisms", OBOL_INFO_ANSWER,
		"00" U64("123") "00" "11" X16("01") "01"
		"00000000" "00000000" "0000" "0000" },
	{ "ListAnswer: 257 items", OBOL_LIST_ANSWER, "0101" },
	{ "ListAnswer: no name", OBOL_LIST_ANSWER,
		"0001" "00" "0001" U64("002") "00000400" U64("777") "00" },
	{ "ListAnswer: a name twice", OBOL_LIST_ANSWER,
		"0002" VPN "0001" U64("002") "00000400" U64("777") "00"
		VPN "0001" U64("003") "00000400" U64("777") "00" },
	{ "ListAnswer: deleted is 2", OBOL_LIST_ANSWER,
		"0001" VPN "0001" U64("002") "00000400" U64("777") "02" },
	{ "GetAnswer: unchanged is 2", OBOL_GET_ANSWER, "02" "00" "0000" },
	{ "GetAnswer: more is 2", OBOL_GET_ANSWER,
		"00" "02" "0001" VPN "0001" U64("002") U64("777") "000001" "5e" },
	{ "GetAnswer: unchanged and one", OBOL_GET_ANSWER,
		"01" "00" "0001" VPN "0001" U64("002") U64("777") "000001" "5e" },
	{ "GetAnswer: unchanged and more", OBOL_GET_ANSWER, "01" "01" "0000" },
	{ "GetAnswer: none and more", OBOL_GET_ANSWER, "00" "01" "0000" },
	{ "GetAnswer: 65 items", OBOL_GET_ANSWER, "00" "00" "0041" },
	{ "GetAnswer: a name twice", OBOL_GET_ANSWER,
		"00" "00" "0002" VPN "0001" U64("002") U64("777") "000001" "5e"
		VPN "0001" U64("002") U64("777") "000001" "5e" },
	{ "GetAnswer: nothing sealed", OBOL_GET_ANSWER,
		"00" "00" "0001" VPN "0001" U64("002") U64("777") "000000" },
	{ "PutAnswer: version 0", OBOL_PUT_ANSWER, U64("000") U64("777") },
	{ "DeleteAnswer: version 0", OBOL_DELETE_ANSWER, U64("000") },
	{ "SlotListAnswer: 36 slots", OBOL_SLOT_LIST_ANSWER, "0024" },
	{ "SlotListAnswer: a slot twice", OBOL_SLOT_LIST_ANSWER,
		"0002"
		"01" NO_DEVICE_ID "00" U64("111") U64("222") "00" U64("000")
		"01" NO_DEVICE_ID "00" U64("111") U64("222") "00" U64("000") },
	{ "SlotListAnswer: source of 65", OBOL_SLOT_LIST_ANSWER,
		"0001" "01" NO_DEVICE_ID "00" U64("111") U64("222")
		"41" X64("31") "31" U64("000") },
	{ "IssueAnswer: no certificate", OBOL_ISSUE_ANSWER, "0000" "00" "00" },
	{ "IssueAnswer: certificate of 8193", OBOL_ISSUE_ANSWER, "2001" },
	{ "IssueAnswer: 9 in the chain", OBOL_ISSUE_ANSWER,
		"0001" "30" "09" X8("000130") "000130" "00" },
	{ "IssueAnswer: 9 CAs", OBOL_ISSUE_ANSWER,
		"0001" "30" "00" "09" X8("000130") "000130" },
	{ "IssueAnswer: empty CA", OBOL_ISSUE_ANSWER, "0001" "30" "00" "01" "0000" },
	{ "AnchorsAnswer: unchanged is 2", OBOL_ANCHORS_ANSWER, "02" "000000" },
	{ "AnchorsAnswer: unchanged and a set", OBOL_ANCHORS_ANSWER,
		"01" "000002" "3080" },
	{ "AnchorsAnswer: no set", OBOL_ANCHORS_ANSWER, "00" "000000" },
	{ "AnchorsAnswer: above its bound", OBOL_ANCHORS_ANSWER, "00" "018001" },
	{ "HistoryAnswer: 201 items", OBOL_HISTORY_ANSWER, "00c9" },
	{ "HistoryAnswer: id 0", OBOL_HISTORY_ANSWER,
		"0001" U64("000") U64("777") "01" "00c8" "04" "00" "00" "0000" },
	{ "HistoryAnswer: an id twice", OBOL_HISTORY_ANSWER,
		"0002" U64("002") U64("777") "01" "00c8" "04" "00" "00" "0000"
		U64("002") U64("777") "01" "00c8" "04" "00" "00" "0000" },
	{ "HistoryAnswer: oldest first", OBOL_HISTORY_ANSWER,
		"0002" U64("002") U64("777") "01" "00c8" "04" "00" "00" "0000"
		U64("003") U64("777") "01" "00c8" "04" "00" "00" "0000" },
	{ "HistoryAnswer: detail of 513", OBOL_HISTORY_ANSWER,
		"0001" U64("002") U64("777") "01" "00c8" "04" "00" "00"
		"0201" X256("61") X256("61") "61" },
	{ NULL, 0, NULL },
};
/* clang-format on */
