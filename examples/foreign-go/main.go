// Command foreign-go is a gRPC server that knows nothing of Evenkeel: what any image must do to be run by its chart. It
// computes, answers health checks, reflects, and ends well on SIGTERM.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const (
	file     = "foreign/v1/collatz.proto"
	number   = "google.protobuf.UInt32Value"
	maxBelow = 10_000_000 // about 5 s of one core
)

// collatz is written out, as a generator would write it; its messages are protobuf's own.
var collatz = grpc.ServiceDesc{
	ServiceName: "foreign.v1.CollatzService",
	HandlerType: (*any)(nil),
	Methods:     []grpc.MethodDesc{{MethodName: "Longest", Handler: longestHandler}},
	Metadata:    file,
}

func longestHandler(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
	below := &wrapperspb.UInt32Value{}
	if err := decode(below); err != nil {
		return nil, err
	}
	if below.Value > maxBelow {
		return nil, status.Errorf(codes.InvalidArgument, "value %d is above %d", below.Value, maxBelow)
	}
	start, err := longest(ctx, uint64(below.Value))
	return wrapperspb.UInt32(uint32(start)), err
}

// longest finds the number below a bound that takes most steps of n/2 (even), 3n+1 (odd) to reach 1; it stops when the caller has gone.
func longest(ctx context.Context, below uint64) (uint64, error) {
	var best, mostSteps uint64
	for start := uint64(1); start < below; start++ {
		if start%1000 == 0 && ctx.Err() != nil {
			return 0, status.FromContextError(ctx.Err()).Err()
		}
		steps := uint64(0)
		for n := start; n != 1; steps++ {
			if n%2 == 0 {
				n /= 2
			} else {
				n = 3*n + 1
			}
		}
		if steps >= mostSteps {
			best, mostSteps = start, steps
		}
	}
	return best, nil
}

// describe lets reflection know the service.
func describe() error {
	described, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name:       proto.String(file),
		Package:    proto.String("foreign.v1"),
		Syntax:     proto.String("proto3"),
		Dependency: []string{"google/protobuf/wrappers.proto"},
		Service: []*descriptorpb.ServiceDescriptorProto{{
			Name: proto.String("CollatzService"),
			Method: []*descriptorpb.MethodDescriptorProto{{
				Name: proto.String("Longest"), InputType: proto.String("." + number), OutputType: proto.String("." + number),
			}},
		}},
	}, protoregistry.GlobalFiles)
	if err != nil {
		return err
	}
	return protoregistry.GlobalFiles.RegisterFile(described)
}

func main() {
	listen := flag.String("listen", ":50051", "address that the service listens on; port 0 takes any free one")
	flag.Parse()
	// Before anything else: a signal that comes early must find somebody listening.
	stop, forget := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer forget()

	if err := describe(); err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	server, healthy := grpc.NewServer(), health.NewServer()
	server.RegisterService(&collatz, nil)
	healthpb.RegisterHealthServer(server, healthy) // the whole server, "", is SERVING from now on
	healthy.SetServingStatus(collatz.ServiceName, healthpb.HealthCheckResponse_SERVING)
	reflection.Register(server)
	context.AfterFunc(stop, func() {
		healthy.Shutdown()    // NOT_SERVING, to whoever asks or watches
		server.GracefulStop() // no new connections, GOAWAY on those there are, and the calls that have begun are finished
	})
	fmt.Println("serving", listener.Addr())
	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
	fmt.Println("drained")
}
