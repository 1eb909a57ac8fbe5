/* One order on its way from the client to standard output. README.md tells how to read this. */

#define SERVICES 2             /* processes of each service */
#define NOBODY 2
#define DEAD 3                 /* the owner was a process that crashed; the one that replaces it has another id */

#define promise(kept, otherwise) if :: kept :: !(kept) -> printf(otherwise); assert(false) fi

/* How a step begins that is a fault: at most FAULTS of them happen in a run. */
#define fault (faults < FAULTS) -> faults++
byte faults;

mtype:outbox = { none, held, due }      /* removed; in its grace period or claimed; free for a sweeper to claim */
mtype:entry = { absent, started, done } /* the order's state in the inbox */

/* The client */
bool acknowledged;             /* It has its 201. */
byte waits_for = NOBODY;       /* the process that it waits for */
bool asked;                    /* The processes are alike, so the first request goes to number 0. */

/* MongoDB of orders_service */
byte orders;                   /* orders with the client's key */
byte late_inserts;             /* timed out, and may still be carried out */
mtype:outbox outbox = none;

/* The memory of orders_service */
bool serving[SERVICES];        /* a request */
bool stored_here[SERVICES];    /* stored by this process and not published yet */
bool relaying[SERVICES];       /* publishing the order */
bool restart_handler[SERVICES], restart_relay[SERVICES];

/* RabbitMQ */
byte ready;                    /* copies of the message in orders_queue */
bool delivered;                /* The first delivery goes to number 0, too. */
bool unacked[SERVICES];        /* A copy is with this consumer, on a connection that is still open. */

/* MongoDB of notifications_service */
mtype:entry entry = absent;
byte owner = NOBODY;
bool taken_over;
byte late_claim = NOBODY;      /* whose claim timed out, and may still be carried out while the entry is as it was */

/* notifications_service */
bool working[SERVICES];        /* handling a delivery */
bool renewing[SERVICES];       /* It renews its claim. */
bool cut_off[SERVICES];        /* from its database, or frozen */
bool lapsed[SERVICES];         /* It was, and claims again before it prints. */
bool restart_consumer[SERVICES];
byte lines, announced;         /* "New order received: …", and possible_duplicate in the log */

/* An owner renews each claim that it knows of and is working on; a claim that stands still is free. */
#ifdef RENEWED_BY_PROCESS
#define abandoned (owner == DEAD || cut_off[owner])
#else
#define abandoned (owner == DEAD || cut_off[owner] || !renewing[owner])
#endif

ltl acknowledged_is_printed { [] (acknowledged -> <> (lines > 0)) }

inline insert_order() {
  orders++;
  promise(orders == 1, "BROKEN: a key has two orders\n");
  outbox = held
}

/* POST /orders */
proctype handler(byte me) {
  bool looked_up;
next:
  do
  :: {
       atomic { !acknowledged && waits_for == NOBODY && (me == 0 || asked) ->
                asked = true; waits_for = me; serving[me] = true;
                printf("client: POST /orders to orders_service %d\n", me) }
#ifdef FIND_BEFORE_INSERT
       atomic { looked_up = orders > 0; printf("orders_service %d: looks for the key\n", me) }
#define key_taken looked_up
#else
#define key_taken (orders > 0) /* The unique index decides. */
#endif
       if
       :: atomic { !key_taken -> insert_order(); stored_here[me] = true; relaying[me] = true;
                   printf("orders_service %d: stores the order\n", me) }
       :: atomic { key_taken -> printf("orders_service %d: finds the order of this key\n", me) }
       :: atomic { fault; late_inserts++; serving[me] = false;
                   if :: waits_for == me -> waits_for = NOBODY :: else fi;
                   printf("orders_service %d: no answer from the database to the insert, 503\n", me);
                   goto next }
       fi;
       atomic { serving[me] = false;
                if :: waits_for == me -> waits_for = NOBODY; acknowledged = true;
                                           printf("orders_service %d: 201\n", me)
                   :: else -> printf("orders_service %d: 201, but the client no longer waits\n", me) fi }
     } unless { atomic { restart_handler[me] -> restart_handler[me] = false } }
  od
}

#define mark_published outbox = none; printf("orders_service %d: marks it published\n", me)

/* Publishes what its process has just stored, and sweeps. */
proctype relay(byte me) {
next:
  do
  :: {
       if
       :: atomic { stored_here[me] -> stored_here[me] = false }
       :: atomic { outbox == due -> outbox = held; relaying[me] = true;
                   printf("orders_service %d: its sweeper claims the order\n", me) }
       fi;
#ifdef MARK_BEFORE_CONFIRM
       atomic { mark_published };
#endif
       if
       :: atomic { ready++; printf("orders_service %d: publishes\n", me) }
       :: atomic { fault; relaying[me] = false;
                   printf("orders_service %d: publishes into a lost connection\n", me); goto next }
       fi;
#ifndef MARK_BEFORE_CONFIRM
       if
       :: atomic { mark_published; relaying[me] = false }
       :: atomic { fault; relaying[me] = false;
                   printf("orders_service %d: gets no confirmation, or no answer to its mark\n", me) }
       fi
#endif
     } unless { atomic { restart_relay[me] -> restart_relay[me] = false } }
  od
}

inline write_claim(who) {
  taken_over = (entry == started);
  entry = started;
  owner = who;
  late_claim = NOBODY
}

#define no_silent_repeat() promise(lines <= 1 + announced, "BROKEN: an order is printed twice, and not announced\n")
#define announce() atomic { reprint -> announced++; printf("notifications_service %d: logs possible_duplicate\n", me) }
#define print_line() lines++; printf("notifications_service %d: PRINTS the order\n", me)

proctype consumer(byte me) {
  byte seen = NOBODY;
  bool reprint;
next:
  do
  :: {
       atomic { ready > 0 && (me == 0 || delivered) -> ready--; delivered = true; unacked[me] = true;
                working[me] = true; printf("notifications_service %d: is delivered the message\n", me) };
#ifdef ACK_BEFORE_PRINT
       atomic { unacked[me] = false; printf("notifications_service %d: acks\n", me) };
#endif
claim:
       if
       :: atomic { !cut_off[me] && entry == absent -> write_claim(me); renewing[me] = true; reprint = false;
                   printf("notifications_service %d: claims the order\n", me); goto print }
       :: atomic { !cut_off[me] && entry == done ->
                   printf("notifications_service %d: skips it, since it was printed\n", me); goto ack }
       :: atomic { !cut_off[me] && entry == started && owner == me -> reprint = taken_over; renewing[me] = true;
                   printf("notifications_service %d: finds that its own claim was carried out\n", me); goto print }
       :: atomic { !cut_off[me] && entry == started && owner != me && abandoned -> seen = owner }
#ifdef NO_LEASE
       :: atomic { !cut_off[me] && entry == started && owner != me -> owner = me; renewing[me] = true; reprint = false;
                   printf("notifications_service %d: takes the claim over\n", me); goto print }
#endif
       :: atomic { !cut_off[me] && (entry == absent || (entry == started && owner != me && abandoned)) &&
                   late_claim == NOBODY && fault; late_claim = me;
                   printf("notifications_service %d: claims, and gets no answer from the database\n", me); goto claim }
       fi;
       if                      /* Compare and set: only if the entry is as it was read. */
       :: atomic { !cut_off[me] && entry == started && owner == seen -> write_claim(me);
                   renewing[me] = true; seen = NOBODY; reprint = true; printf("notifications_service %d: takes over the claim\n", me) }
       :: atomic { !cut_off[me] && !(entry == started && owner == seen) ->
                   printf("notifications_service %d: was not the first to take it over\n", me);
                   seen = NOBODY;
                   if :: unacked[me] -> goto claim
                      :: else -> working[me] = false; goto next /* A lost connection's message comes again. */ fi }
       fi;
print:
       if
       :: atomic { lapsed[me] -> lapsed[me] = false; renewing[me] = false;
                   printf("notifications_service %d: could not renew its claim\n", me); goto claim }
       :: atomic { !lapsed[me] -> skip }
       fi;
#ifndef ANNOUNCED_AFTERWARDS
       if :: announce() :: !reprint fi;
       atomic { print_line(); no_silent_repeat() };
#else
       atomic { print_line() };
       if :: announce() :: !reprint fi;
#endif
       atomic { !cut_off[me] -> entry = done; late_claim = NOBODY; owner = NOBODY; taken_over = false;
                printf("notifications_service %d: marks it printed\n", me) };
ack:
       atomic { unacked[me] = false; working[me] = false; renewing[me] = false; lapsed[me] = false;
                seen = NOBODY; reprint = false;
                printf("notifications_service %d: acks\n", me) }
     } unless { atomic { restart_consumer[me] -> restart_consumer[me] = false; seen = NOBODY; reprint = false } }
  od
}

inline redeliver(to) {
  if :: unacked[to] -> unacked[to] = false; ready++ :: else fi
}

/* Faults of the processes with number `at`. */
proctype trouble(byte at) {
  do
  :: atomic { (serving[at] || relaying[at]) && fault; printf("orders_service %d: CRASHES and starts again\n", at);
              restart_handler[at] = true; restart_relay[at] = true; serving[at] = false;
              stored_here[at] = false; relaying[at] = false;
              if :: waits_for == at -> waits_for = NOBODY :: else fi }
  :: atomic { working[at] && fault; printf("notifications_service %d: CRASHES and starts again\n", at);
              restart_consumer[at] = true; working[at] = false; renewing[at] = false;
              cut_off[at] = false; lapsed[at] = false; redeliver(at);
              if :: owner == at -> owner = DEAD :: else fi;
              if :: late_claim == at -> late_claim = DEAD :: else fi }
  :: atomic { unacked[at] && fault; printf("notifications_service %d: loses its connection to RabbitMQ\n", at);
              redeliver(at) }
  :: atomic { working[at] && !cut_off[at] && fault; printf("notifications_service %d: FREEZES, or is cut off\n", at);
              cut_off[at] = true; lapsed[at] = true }
  :: atomic { cut_off[at] -> printf("notifications_service %d: goes on\n", at); cut_off[at] = false }
  od
}

/* Time passes, and writes that timed out are carried out. */
proctype clock() {
  do
  :: atomic { waits_for != NOBODY && fault; printf("client: waits no longer\n"); waits_for = NOBODY }
  :: atomic { outbox == held && !relaying[0] && !relaying[1] -> outbox = due }
  :: atomic { outbox == held && (relaying[0] || relaying[1]) && fault; outbox = due;
              printf("a relay is slower than its claim lasts\n") }
  :: atomic { late_inserts > 0 -> late_inserts--;
              if :: orders == 0 -> insert_order(); printf("the late insert is carried out\n")
                 :: orders > 0 -> printf("the late insert is refused\n")
                 :: true fi }
  :: atomic { late_claim != NOBODY ->
              if :: write_claim(late_claim); printf("the late claim is carried out\n")
                 :: late_claim = NOBODY fi }
  :: atomic { timeout ->       /* Nothing else can happen. */
              promise(acknowledged, "BROKEN: the client has no 201\n");
              promise(lines > 0, "BROKEN: an acknowledged order is not printed\n");
              no_silent_repeat();
              promise(orders == 1 && outbox == none && ready == 0 && entry == done, "BROKEN: something is left over\n");
              break }
  od
}

init {
  atomic {
    run clock();
    byte i;
    for (i : 0 .. SERVICES - 1) { run handler(i); run relay(i); run consumer(i); run trouble(i) }
  }
}
