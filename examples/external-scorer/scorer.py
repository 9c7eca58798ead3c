#!/usr/bin/env python3
"""A model in Python that uses only Understudy's topics: it reads the lane of a candidate or of existing models, and writes the answers.

Each poll is one transaction: answers and offsets are committed together, so a crash neither loses a request nor answers one twice.
Needs confluent-kafka and avro (Debian: python3-confluent-kafka python3-avro). Replace `score` with your own model.

    scorer.py --brokers localhost:9092 --registry http://localhost:8081 --deployment flight-delay --version v2
"""

import argparse
import io
import json
import signal
import struct
import sys
import time
import urllib.request

import avro.io
import avro.schema
from confluent_kafka import Consumer, KafkaException, Producer

# The topics of requests and of answers, by lane.
LANES = {
    "candidate": ("candidate-requests", "candidate-predictions"),
    "existing": ("existing-requests", "predictions"),
}
READINESS = "model-readiness"
HEARTBEAT_SECONDS = 2
MAX_BATCH = 500
MAGIC = 0


def score(features):
    """The model: computes a probability from the features of a request. This example averages two rates."""
    recent = float(features["origin_recent_late_share"])
    origin = float(features["origin_late_rate"])
    return min(1.0, max(0.0, 0.5 * recent + 0.5 * origin))


class Schemas:
    """The schemas of the registry; each is requested once. The wire format is a zero byte, the id of the schema, and Avro bytes."""

    def __init__(self, url):
        self.url = url.rstrip("/")
        self.by_id = {}

    def request(self, path):
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer)

    def latest(self, subject):
        found = self.request(f"/subjects/{subject}/versions/latest")
        return found["id"], avro.schema.parse(found["schema"])

    def decode(self, value):
        magic, schema_id = struct.unpack(">bI", value[:5])
        if magic != MAGIC:
            raise ValueError("the value is not in the wire format of the registry")
        if schema_id not in self.by_id:
            self.by_id[schema_id] = avro.schema.parse(self.request(f"/schemas/ids/{schema_id}")["schema"])
        reader = avro.io.DatumReader(self.by_id[schema_id])
        return reader.read(avro.io.BinaryDecoder(io.BytesIO(value[5:])))


def encode(schema_id, schema, record):
    out = io.BytesIO()
    out.write(struct.pack(">bI", MAGIC, schema_id))
    avro.io.DatumWriter(schema).write(record, avro.io.BinaryEncoder(out))
    return out.getvalue()


def route(headers):
    """The decision of the router, from the header understudy-route: deployment=d;arm=CANDIDATE;version=v2;..."""
    text = dict(headers or [])["understudy-route"].decode()
    return dict(field.split("=", 1) for field in text.split(";"))


def milliseconds(value):
    """Converts a timestamp: depending on the library, it is read as a datetime or as a number."""
    return value if isinstance(value, int) else int(value.timestamp() * 1000)


def prediction(request, decision, message):
    """The answer to one request. The router overwrites the fields that it knows better: rollout, stage, epoch and its own times."""
    answer = {
        "request_id": request["request_id"],
        "deployment": request["deployment"],
        "model_version": decision["version"],
        "rollout": decision.get("rollout"),
        "stage": int(decision["stage"]) if "stage" in decision else None,
        "epoch": int(decision["epoch"]) if "epoch" in decision else None,
        "arm": decision["arm"],
        "mirrored": decision.get("mirrored") == "true",
        "fallback": "fallback" in decision,
        "fallback_status": decision.get("fallback"),
        "event_time": milliseconds(request["event_time"]),
        "received_at": int(decision.get("received-at", message.timestamp()[1])),
        "routed_at": int(decision["routed-at"]),
        "scored_at": int(time.time() * 1000),
    }
    try:
        return {**answer, "status": "OK", "score": score(request["features"])}
    except (KeyError, TypeError, ValueError) as fault:
        return {**answer, "status": "REJECTED", "error": f"the features cannot be used: {fault!r}"}


class Readiness:
    """Says every few seconds that this program serves its model. Before that, a rollout gives a candidate no traffic."""

    def __init__(self, brokers, schemas, arguments):
        self.schema_id, schema = schemas.latest(f"{READINESS}-value")
        self.schema = avro.schema.parse(json.dumps(without_logical_types(json.loads(str(schema)))))
        self.producer = Producer({"bootstrap.servers": brokers})
        self.arguments = arguments
        self.key = "|".join([arguments.instance, arguments.lane, arguments.deployment, arguments.version]).encode()
        self.due = 0.0

    def say(self):
        if time.monotonic() < self.due:
            return
        self.due = time.monotonic() + HEARTBEAT_SECONDS
        record = complete({
            "instance": self.arguments.instance,
            "lane": self.arguments.lane,
            "deployment": self.arguments.deployment,
            "version": self.arguments.version,
            "status": "READY",
            "at": int(time.time() * 1000),
        }, self.schema)
        self.producer.produce(READINESS, encode(self.schema_id, self.schema, record), self.key)
        self.producer.poll(0)

    def take_back(self):
        self.producer.produce(READINESS, None, self.key)
        self.producer.flush(5)


def complete(record, schema):
    """Adds the defaults of the schema for fields that are not set."""
    full = {}
    for field in schema.fields:
        full[field.name] = record.get(field.name, field.default if field.has_default else None)
    return full


def lane(text):
    if text.partition("-")[0] not in LANES:
        raise argparse.ArgumentTypeError(f"'{text}' does not begin with one of {', '.join(LANES)}")
    return text


def topics(lane):
    """The topics of requests and of answers. A lane with a name has requests of its own, like candidate-requests-slow."""
    arm, _, name = lane.partition("-")
    requests, predictions = LANES[arm]
    return (f"{requests}-{name}" if name else requests), predictions


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--brokers", required=True)
    options.add_argument("--registry", required=True, help="base URL of the registry, the parent of /subjects")
    options.add_argument("--deployment", required=True)
    options.add_argument("--version", required=True)
    options.add_argument(
        "--lane", type=lane, default="candidate",
        help="candidate, existing (serves the model once it is promoted), or with a name, like candidate-slow")
    options.add_argument("--instance", default="python-1", help="name of this process: different from those of others in the lane, and the same after a restart")
    arguments = options.parse_args()

    schemas = Schemas(arguments.registry)
    requests, predictions = topics(arguments.lane)
    group = f"external-scorer-{arguments.lane}-python"
    schema_id, schema = schemas.latest(f"{predictions}-value")
    # Without logical types, the library writes timestamps as plain numbers.
    plain = avro.schema.parse(json.dumps(without_logical_types(json.loads(str(schema)))))
    consumer = Consumer({
        "bootstrap.servers": arguments.brokers,
        "group.id": group,
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
        # Others take over soon when this process dies, as with the built-in scorers.
        "session.timeout.ms": 6000,
        "heartbeat.interval.ms": 500,
    })
    producer = Producer({
        "bootstrap.servers": arguments.brokers,
        "transactional.id": f"{group}-{arguments.instance}",
        "transaction.timeout.ms": 5000,
    })
    producer.init_transactions()
    consumer.subscribe([requests])
    readiness = Readiness(arguments.brokers, schemas, arguments)

    running = True

    def stop(*_):
        nonlocal running
        running = False

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    answered = 0
    while running:
        readiness.say()
        messages = consumer.consume(MAX_BATCH, timeout=0.2)
        if not messages:
            continue
        producer.begin_transaction()
        for message in messages:
            if message.error():
                raise KafkaException(message.error())
            decision = route(message.headers())
            # The lane also has requests for other deployments and other versions; other scorers answer them.
            if (decision["deployment"], decision["version"]) != (arguments.deployment, arguments.version):
                continue
            # While a deployment changes to or from this program, the router says for each request who answers it.
            if decision.get("scorer", "external") != "external":
                continue
            answer = complete(prediction(schemas.decode(message.value()), decision, message), plain)
            # The answer must go to the partition of the request, because the router waits for it there.
            producer.produce(predictions, encode(schema_id, plain, answer), message.key(), message.partition())
            answered += 1
        producer.send_offsets_to_transaction(
            consumer.position(consumer.assignment()), consumer.consumer_group_metadata())
        producer.commit_transaction()
    readiness.take_back()
    consumer.close()
    print(f"answered {answered} requests", file=sys.stderr)


def without_logical_types(node):
    if isinstance(node, dict):
        return {name: without_logical_types(value) for name, value in node.items() if name != "logicalType"}
    if isinstance(node, list):
        return [without_logical_types(value) for value in node]
    return node


if __name__ == "__main__":
    main()
