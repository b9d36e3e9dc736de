"""Calls PrimesService by generic methods of grpcio: the messages are written and read by hand, nothing is generated."""

import json
import sys

import grpc


def text_field(number: int, text: str) -> bytes:
    data = text.encode()
    assert len(data) < 128
    return bytes([number << 3 | 2, len(data)]) + data


def same(data: bytes) -> bytes:
    return data


def main(address: str) -> None:
    service = "/evenkeel.primes.v1.PrimesService/"
    with grpc.insecure_channel(address) as channel:
        check = channel.unary_unary(service + "CheckPrime", request_serializer=same, response_deserializer=same)
        answer, call = check.with_call(text_field(1, "18446744073709551557"), timeout=10)
        trailers = {key: value for key, value in call.trailing_metadata() if isinstance(value, str)}
        refused = None
        try:
            check(text_field(1, "-7"), timeout=10)
        except grpc.RpcError as error:
            details = dict(error.trailing_metadata()).get("grpc-status-details-bin", b"")
            refused = {"code": error.code().name, "details": error.details(), "rich": details.hex()}
        listing = channel.unary_stream(service + "ListPrimes", request_serializer=same, response_deserializer=same)
        listed = [message.hex() for message in listing(bytes([0x08, 1, 0x10, 20]), timeout=10)]
        stream = channel.stream_stream(service + "CheckPrimeStream", request_serializer=same, response_deserializer=same)
        numbers = (bytes([0x08, index]) + text_field(2, str(index)) for index in range(1, 101))
        streamed = sum(1 for _ in stream(numbers, timeout=10))
    print(
        json.dumps(
            {"answer": answer.hex(), "trailers": trailers, "refused": refused, "listed": listed, "streamed": streamed}
        )
    )


main(sys.argv[1])
